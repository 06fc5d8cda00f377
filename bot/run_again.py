"""Run again, below an answer from the cache: the same statement as the presser's own question, in a job of its own."""

import structlog

from agent.notice import Notice
from agent.turn import Answer, RunSql
from bot.i18n.catalogue import say
from bot.inbox.inbox import Inbox
from bot.inbox.items import RunAgainRequested, TurnRequested
from bot.shown_answer import ShownAnswers
from bot.surface import Whispers

log = structlog.get_logger(__name__)


class RunAgainService:
    def __init__(self, *, shown: ShownAnswers, inbox: Inbox, whispers: Whispers) -> None:
        self._shown = shown
        self._inbox = inbox
        self._whispers = whispers

    async def run(self, item: RunAgainRequested) -> None:
        answer = await self._shown.find(item.turn_id, channel=item.channel, user=item.user)
        if answer == "refused":
            await self._tell(item, Notice("run_again.refused"))
        elif answer == "missing" or answer.sql is None:
            await self._tell(item, Notice("run_again.missing"))
        else:
            await self._inbox.put(_turn(item, answer, answer.sql))

    async def give_up(self, item: RunAgainRequested) -> None:
        await self._tell(item, Notice("error.unexpected"))

    async def _tell(self, item: RunAgainRequested, notice: Notice) -> None:
        await self._whispers.whisper(item.channel, item.user, notice, item.language, thread_ts=item.thread_ts)


def _turn(item: RunAgainRequested, answer: Answer, sql: str) -> TurnRequested:
    title = answer.text or say(answer.language, "answer.result")
    return TurnRequested(
        dedupe_key=f"again:{item.dedupe_key}",
        conversation=item.target,
        spoken_at=item.spoken_at,
        team=item.team,
        channel=item.channel,
        thread_ts=item.thread_ts,
        user=item.user,
        text=say(answer.language, "run_again.said", question=title),
        surface="dm" if item.channel.startswith("D") else "channel",
        pressed_on=item.pressed_on,
        preset=RunSql(sql, title=title, is_fresh=True),
    )
