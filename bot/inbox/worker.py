"""The worker pool: takes items off the inbox, runs each in a task, keeps their leases, drains when told to stop."""

import asyncio
import time
from collections.abc import Callable
from datetime import timedelta

import structlog

from bot.inbox.attempt import Attempt, Cancellation
from bot.inbox.inbox import Claim, Inbox
from bot.inbox.retry import RetryPolicy
from bot.inbox.runner import AttemptRunner, Handler, OnBuried

log = structlog.get_logger(__name__)

CONTROL_SLOTS = 2
"""Beyond the pool's size, for control lanes: a Stop must find a worker when every worker runs what it stops."""
CLEANUP_SECONDS = 5.0
"""How long cancelled handlers get to end and the database to take their items back; then the lease does it instead."""
AFTER_ERROR_SECONDS = 1.0
PRUNE_EVERY_SECONDS = 3600.0
KEEP_FINISHED = timedelta(hours=48)
"""Slack redelivers an envelope for up to 24 h: its dedupe key is kept for twice that."""


class WorkerPool:
    """Up to *size* items at once, each in a conversation of its own. Delivery is at least once."""

    def __init__(
        self,
        inbox: Inbox,
        handler: Handler,
        on_buried: OnBuried,
        *,
        size: int = 8,
        retry: RetryPolicy | None = None,
        drain_seconds: float = 20.0,
        poll_seconds: float = 5.0,
        beat_seconds: float = 10.0,
        after_claim: Callable[[], None] = lambda: None,
    ) -> None:
        """*after_claim* is told when the workers have taken what they can; what is still queued then has to wait."""
        self._inbox = inbox
        self._runner = AttemptRunner(inbox, handler, on_buried, retry or RetryPolicy())
        self._size = size
        self._drain_seconds = drain_seconds
        self._poll_seconds = poll_seconds
        self._beat_seconds = beat_seconds
        self._after_claim = after_claim
        self._stopping = False
        self._is_hurried = False
        self._attempts: dict[Attempt, asyncio.Task[None]] = {}

    def stop(self) -> None:
        """Claim nothing more; what is in hand may finish until the drain's deadline, then it is given back."""
        self._stopping = True
        self._inbox.wake.set()

    def hurry(self) -> None:
        """Give back at once what a drain still waits for."""
        self._is_hurried = True
        self.stop()

    async def run(self) -> None:
        """Work until `stop`. Cancelling this drains with no patience."""
        beat = asyncio.create_task(self._beat(), name="inbox-beat")
        patience = 0.0
        try:
            await self._claim_until_stopped()
            patience = self._drain_seconds
        finally:
            try:
                await self._drain(patience)
            finally:
                beat.cancel()
                await asyncio.gather(beat, return_exceptions=True)

    async def _claim_until_stopped(self) -> None:
        while not self._stopping:
            self._inbox.wake.clear()  # before the look, so that a call during the look is not lost
            try:
                claims = await self._claim()
                self._start(claims)
                self._after_claim()
                await self._pass_on_stops()
            except Exception as error:  # the boundary: whatever ails the database, the loop goes on
                log.warning("inbox.claim_failed", error=repr(error))
                await asyncio.sleep(AFTER_ERROR_SECONDS)
                continue
            if not claims:
                await self._wait_for_wake(self._poll_seconds)

    async def _claim(self) -> list[Claim]:
        free = self._size - len(self._attempts)
        if free > 0:
            return await self._inbox.claim(free)
        if free > -CONTROL_SLOTS:
            return await self._inbox.claim(free + CONTROL_SLOTS, control=True)
        return []

    def _start(self, claims: list[Claim]) -> None:
        for claim in claims:
            attempt = Attempt(claim)
            self._attempts[attempt] = asyncio.create_task(self._work(attempt), name=f"item-{claim.id}")

    async def _work(self, attempt: Attempt) -> None:
        claim, started = attempt.claim, time.monotonic()
        with structlog.contextvars.bound_contextvars(kind=claim.item.kind, **claim.item.log_fields):
            try:
                outcome = await self._runner.run(attempt)
            except Exception:  # the boundary: the lease returns an item whose outcome could not be written
                log.exception("inbox.outcome_not_written", attempt=claim.attempt)
            else:
                seconds = round(time.monotonic() - started, 3)
                log.info("inbox.item_finished", attempt=claim.attempt, outcome=outcome.value, seconds=seconds)
            finally:
                del self._attempts[attempt]
                self._inbox.wake.set()  # a worker is free, and the next item of the conversation may go

    async def _drain(self, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while self._attempts and not self._is_hurried and (left := deadline - time.monotonic()) > 0:
            self._inbox.wake.clear()
            try:
                await self._pass_on_stops()
            except Exception as error:  # the boundary: as in claiming
                log.warning("inbox.stop_requests_failed", error=repr(error))
            if self._attempts:
                await self._wait_for_wake(min(left, self._poll_seconds))
        for attempt in self._attempts:
            attempt.cancel(Cancellation.SHUTDOWN)
        if self._attempts:
            await asyncio.wait(self._attempts.values(), timeout=CLEANUP_SECONDS)
        if self._attempts:
            await self._abandon(dict(self._attempts))

    async def _abandon(self, attempts: dict[Attempt, asyncio.Task[None]]) -> None:
        """The leases end by themselves and somebody else takes these items up."""
        log.warning("inbox.abandoned", items=[attempt.item.dedupe_key for attempt in attempts])
        for task in attempts.values():
            task.cancel()
        await asyncio.gather(*attempts.values(), return_exceptions=True)

    async def _beat(self) -> None:
        """Keep the leases; notice those that were lost; forget what is long finished."""
        pruned = time.monotonic() - PRUNE_EVERY_SECONDS
        while True:
            await asyncio.sleep(self._beat_seconds)
            try:
                await self._renew()
                if time.monotonic() - pruned >= PRUNE_EVERY_SECONDS:
                    pruned = time.monotonic()
                    log.info("inbox.pruned", items=await self._inbox.prune(KEEP_FINISHED))
            except Exception as error:  # the boundary: while the database is away nobody else can claim either
                log.warning("inbox.beat_failed", error=repr(error))

    async def _renew(self) -> None:
        before = list(self._attempts)  # what is claimed during the call is not in its answer
        held = await self._inbox.renew()
        for attempt in before:
            if attempt.claim.id not in held and attempt.cancel(Cancellation.LEASE_LOST):
                log.warning("inbox.lease_lost", item=attempt.item.dedupe_key, attempt=attempt.claim.attempt)

    async def _pass_on_stops(self) -> None:
        if not self._attempts:
            return
        wanted = await self._inbox.stop_requests()
        for attempt in self._attempts:
            if attempt.claim.id in wanted:
                attempt.request_stop()

    async def _wait_for_wake(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._inbox.wake.wait()
        except TimeoutError:
            pass
