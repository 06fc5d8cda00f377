"""A cheaper twin was pressed: it runs in the dear one's place, through the same door, as the presser's own question."""

import structlog

from agent.notice import Notice
from agent.turn import Answer, RunSql, Twin
from bot.i18n.catalogue import say_notice
from bot.inbox.inbox import Inbox
from bot.inbox.items import TurnRequested, TwinRequested
from bot.replies import Replies, decode_answer
from bot.surface import Whispers

log = structlog.get_logger(__name__)


class TwinService:
    def __init__(self, *, replies: Replies, inbox: Inbox, whispers: Whispers) -> None:
        self._replies = replies
        self._inbox = inbox
        self._whispers = whispers

    async def run(self, item: TwinRequested) -> None:
        answer = await self._answer(item)
        if answer is None or not 0 <= item.index < len(answer.twins):
            notice = Notice("approval.unknown")
            await self._whispers.whisper(item.channel, item.user, notice, item.language, thread_ts=item.thread_ts)
            return
        await self._inbox.put(_turn(item, answer, answer.twins[item.index]))

    async def give_up(self, item: TwinRequested) -> None:
        notice = Notice("error.unexpected")
        await self._whispers.whisper(item.channel, item.user, notice, item.language, thread_ts=item.thread_ts)

    async def _answer(self, item: TwinRequested) -> Answer | None:
        """The button's value comes back from outside: a twin is run only where its card stands."""
        reply = await self._replies.find(item.turn_id)
        if reply is None or reply.answer is None or reply.channel != item.channel:
            return None
        try:
            return decode_answer(reply.answer)
        except ValueError:  # kept by another version of the bot
            log.warning("approval.answer_unreadable", turn=item.turn_id)
            return None


def _turn(item: TwinRequested, answer: Answer, twin: Twin) -> TurnRequested:
    gives_up = say_notice(answer.language, twin.gives_up)
    title = f"{answer.text} ({gives_up})" if answer.text else gives_up
    return TurnRequested(
        dedupe_key=f"twin:{item.dedupe_key}",
        conversation=item.target,
        spoken_at=item.spoken_at,
        team=item.team,
        channel=item.channel,
        thread_ts=item.thread_ts,
        user=item.user,
        text=title,
        surface="dm" if item.channel.startswith("D") else "channel",
        preset=RunSql(twin.sql, title=title),
    )
