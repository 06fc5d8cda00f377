"""From a claim to its outcome: run the handler once, then write down how it ended."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from enum import StrEnum
from typing import TypeAlias

import structlog

from bot.inbox.attempt import Attempt, Cancellation, StoppedByPerson
from bot.inbox.inbox import Claim, Inbox
from bot.inbox.items import Item
from bot.inbox.retry import DROPPED, Dropped, GaveUp, RetryPolicy

log = structlog.get_logger(__name__)

Handler: TypeAlias = Callable[[Attempt], Awaitable[None]]
OnBuried: TypeAlias = Callable[[Item, Exception], Awaitable[None]]
"""Tells the person that their item failed for good. It comes before the burial, so it may come again after a crash."""

MAX_CLAIMS = 25
"""An item that takes its process down every time must not do so for ever."""
MAX_TELLINGS = 5
TELLING_SECONDS = 30.0


class Outcome(StrEnum):
    COMPLETED = "completed"
    STOPPED = "stopped"
    RETRIED = "retried"
    BURIED = "buried"
    RELEASED = "released"
    LOST = "lost"
    """The lease went to somebody else, who finishes the item."""


class AttemptRunner:
    """Only the handler's task is ever cancelled, not the task that awaits `run`: so the outcome is always written."""

    def __init__(self, inbox: Inbox, handler: Handler, on_buried: OnBuried, retry: RetryPolicy) -> None:
        self._inbox = inbox
        self._handler = handler
        self._on_buried = on_buried
        self._retry = retry

    async def run(self, attempt: Attempt) -> Outcome:
        """Raises what the inbox raises when an outcome cannot be written."""
        claim = attempt.claim
        if claim.failures >= self._retry.max_failures or claim.attempt > MAX_CLAIMS:
            is_dropped = claim.last_error.startswith(DROPPED)
            return await self._give_up(claim, (Dropped if is_dropped else GaveUp)(claim.last_error))
        error = await self._run_handler(attempt)
        if attempt.cancellation is Cancellation.LEASE_LOST:
            return Outcome.LOST
        if error is None:
            return Outcome.COMPLETED if await self._inbox.complete(claim) else Outcome.LOST
        if isinstance(error, StoppedByPerson):
            return Outcome.STOPPED if await self._inbox.complete(claim) else Outcome.LOST
        if attempt.cancellation is Cancellation.SHUTDOWN:
            return Outcome.RELEASED if await self._inbox.release(claim) else Outcome.LOST
        return await self._fail(claim, error)

    async def _run_handler(self, attempt: Attempt) -> Exception | None:
        """How the handler ended."""

        async def handle() -> None:
            await self._handler(attempt)

        handler = asyncio.create_task(handle(), name=f"handler-{attempt.claim.id}")
        attempt.started(handler)
        try:
            await asyncio.wait({handler})
        finally:
            handler.cancel()  # of consequence only when the pool abandons the task we are in
        if handler.cancelled():
            return RuntimeError("the handler was cancelled")
        error = handler.exception()
        assert error is None or isinstance(error, Exception)
        return error

    async def _fail(self, claim: Claim, error: Exception) -> Outcome:
        failures = claim.failures + 1
        log.warning("inbox.item_failed", attempt=claim.attempt, failures=failures, exc_info=error)
        delay = self._retry.delay_after(error, failures)
        if delay is None:
            return await self._give_up(claim, error)
        return await self._try_again(claim, error, delay)

    async def _try_again(self, claim: Claim, error: Exception, delay: timedelta) -> Outcome:
        if not await self._inbox.retry(claim, _describe(error), delay):
            return Outcome.LOST
        # Nobody notifies when a delay ends: be awake then instead of at the next poll.
        asyncio.get_running_loop().call_later(delay.total_seconds() + 0.01, self._inbox.wake.set)
        return Outcome.RETRIED

    async def _give_up(self, claim: Claim, error: Exception) -> Outcome:
        """Tell the person, then bury: in this order, or a crash between the two would leave them without a word."""
        try:
            async with asyncio.timeout(TELLING_SECONDS):
                await self._on_buried(claim.item, error)
        except Exception as telling:  # the boundary: Slack may be down just now
            log.warning("inbox.telling_failed", failures=claim.failures, exc_info=telling)
            if claim.failures < self._retry.max_failures + MAX_TELLINGS:
                return await self._try_again(claim, error, self._retry.delay(claim.failures + 1))
        return Outcome.BURIED if await self._inbox.bury(claim, _describe(error)) else Outcome.LOST


def _describe(error: Exception) -> str:
    return str(error) if isinstance(error, GaveUp) else f"{type(error).__name__}: {error}"
