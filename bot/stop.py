"""Stop: what runs in a conversation is flagged at once; it lies in the control lane, so nothing is ahead of it."""

from typing import Protocol

import structlog

from agent.notice import Notice
from agent.turn import Language
from bot.inbox.inbox import Inbox
from bot.inbox.items import StopRequested

log = structlog.get_logger(__name__)


class Whispers(Protocol):
    async def whisper(
        self, channel: str, user: str, notice: Notice, language: Language, *, thread_ts: str | None = None
    ) -> None:
        """Tell *user* alone; best effort, never raises."""
        ...


class StopService:
    def __init__(self, *, inbox: Inbox, whispers: Whispers) -> None:
        self._inbox = inbox
        self._whispers = whispers

    async def run(self, item: StopRequested) -> None:
        was_running = await self._inbox.request_stop(item.target)
        if not was_running and item.otherwise is not None:
            was_running = await self._inbox.request_stop(item.otherwise)
        log.info("stop.requested", conversation=item.target, user=item.user, was_running=was_running)
        if not was_running and item.channel is not None:
            notice = Notice("stop.nothing_running")
            await self._whispers.whisper(item.channel, item.user, notice, item.language, thread_ts=item.thread_ts)
