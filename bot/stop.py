"""Stop: what runs in a conversation is flagged at once; it lies in the control lane, so nothing is ahead of it.

A question that waits in line is taken out of it: nobody has begun it, so nobody would see a flag.
"""

from typing import Protocol

import structlog

from agent.notice import Notice
from agent.turn import Language
from bot.inbox.inbox import Inbox
from bot.inbox.items import StopRequested, TurnRequested

log = structlog.get_logger(__name__)


class Whispers(Protocol):
    async def whisper(
        self, channel: str, user: str, notice: Notice, language: Language, *, thread_ts: str | None = None
    ) -> None:
        """Tell *user* alone; best effort, never raises."""
        ...


class QueueSign(Protocol):
    async def show_stopped(self, channel: str, ts: str, turn_id: str, language: Language) -> None:
        """The sign says that the question was stopped. Raises what is transient; a sign that is gone is no error."""
        ...


class StopService:
    def __init__(self, *, inbox: Inbox, whispers: Whispers, sign: QueueSign) -> None:
        self._inbox = inbox
        self._whispers = whispers
        self._sign = sign

    async def run(self, item: StopRequested) -> None:
        if await self._left_the_line(item):
            return
        was_running = await self._inbox.request_stop(item.target)
        if not was_running and item.otherwise is not None:
            was_running = await self._inbox.request_stop(item.otherwise)
        log.info("stop.requested", conversation=item.target, user=item.user, was_running=was_running)
        if not was_running and item.channel is not None:
            notice = Notice("stop.nothing_running")
            await self._whispers.whisper(item.channel, item.user, notice, item.language, thread_ts=item.thread_ts)

    async def _left_the_line(self, item: StopRequested) -> bool:
        """May be called again: what was withdrawn is withdrawn still, and its sign is told until it says so."""
        if item.turn_id is None or item.channel is None or item.message_ts is None:
            return False
        # The id comes back from outside: it counts where its question was asked.
        turn = await self._inbox.look_up(item.turn_id)
        if not isinstance(turn, TurnRequested) or turn.channel != item.channel:
            return False
        if not await self._inbox.withdraw(item.turn_id):
            return False
        log.info("stop.withdrawn", turn=item.turn_id, user=item.user)
        await self._sign.show_stopped(item.channel, item.message_ts, item.turn_id, item.language)
        return True
