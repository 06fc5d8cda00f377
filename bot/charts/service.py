"""Another form was selected below an answer: its result is shown in it, from what is kept, and nothing runs again."""

from dataclasses import replace
from typing import Protocol

import structlog

from agent.notice import Notice
from agent.turn import Answer
from bot.inbox.items import ChartRequested
from bot.replies import Replies, decode_answer, encode_answer
from bot.surface import Rooms, Whispers

log = structlog.get_logger(__name__)


class Surface(Protocol):
    async def redraw(self, channel: str, ts: str, answer: Answer, *, above: tuple[str, ...]) -> None:
        """Show *answer* below *above*, where an older version of it stands. Best effort."""
        ...


class ChartService:
    def __init__(self, *, replies: Replies, rooms: Rooms, surface: Surface, whispers: Whispers) -> None:
        self._replies = replies
        self._rooms = rooms
        self._surface = surface
        self._whispers = whispers

    async def run(self, item: ChartRequested) -> None:
        """Raises what is transient."""
        answer = await self._answer(item)
        if answer is None or answer.table is None:
            await self._whisper(item)
            return
        shown = replace(answer, shown_as=item.form)
        # Kept before it is shown: a picture of the form before, still being painted, then gives way. After a crash in
        # between, the next attempt does both again.
        await self._replies.keep_answer(answer.turn_id, encode_answer(shown))
        await self._surface.redraw(item.channel, item.ts, shown, above=item.above)

    async def give_up(self, item: ChartRequested) -> None:
        """Nobody will try again."""
        await self._whisper(item)

    async def _answer(self, item: ChartRequested) -> Answer | None:
        """None: it is no longer kept, or whoever selected is not in the room that it was weighed for."""
        reply = await self._replies.find_at(item.channel, item.ts)
        if reply is None or reply.answer is None:
            log.warning("charts.no_answer", channel=item.channel, user=item.user)
            return None
        if not await self._rooms.holds(item.channel, item.user):
            log.warning("charts.refused", turn=reply.turn_id, channel=item.channel, user=item.user)
            return None
        try:
            return decode_answer(reply.answer)
        except ValueError:  # kept by another version of the bot
            log.warning("charts.answer_unreadable", turn=reply.turn_id)
            return None

    async def _whisper(self, item: ChartRequested) -> None:
        notice = Notice("chart.missing")
        await self._whispers.whisper(item.channel, item.user, notice, item.language, thread_ts=item.thread_ts)
