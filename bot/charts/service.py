"""Another form was selected below an answer: its result is shown in it, from what is kept, and nothing runs again."""

from dataclasses import replace
from typing import Protocol

from agent.notice import Notice
from agent.turn import Answer
from bot.inbox.items import ChartRequested
from bot.replies import Replies, encode_answer
from bot.shown_answer import ShownAnswers
from bot.surface import Whispers


class Surface(Protocol):
    async def redraw(self, channel: str, ts: str, answer: Answer, *, above: tuple[str, ...]) -> None:
        """Show *answer* below *above*, where an older version of it stands. Best effort."""
        ...


class ChartService:
    def __init__(self, *, replies: Replies, shown: ShownAnswers, surface: Surface, whispers: Whispers) -> None:
        self._replies = replies
        self._shown = shown
        self._surface = surface
        self._whispers = whispers

    async def run(self, item: ChartRequested) -> None:
        """Raises what is transient."""
        reply = await self._replies.find_at(item.channel, item.ts)
        found = await self._shown.find(reply.turn_id, channel=item.channel, user=item.user) if reply else "missing"
        if not isinstance(found, Answer) or found.table is None:
            await self._whisper(item)
            return
        changed = replace(found, shown_as=item.form)
        # Kept before it is shown: a picture of the form before, still being painted, then gives way. After a crash in
        # between, the next attempt does both again.
        await self._replies.keep_answer(found.turn_id, encode_answer(changed))
        await self._surface.redraw(item.channel, item.ts, changed, above=item.above)

    async def give_up(self, item: ChartRequested) -> None:
        """Nobody will try again."""
        await self._whisper(item)

    async def _whisper(self, item: ChartRequested) -> None:
        notice = Notice("chart.missing")
        await self._whispers.whisper(item.channel, item.user, notice, item.language, thread_ts=item.thread_ts)
