"""Looks every few seconds at what the daemon stands on. What it sees stands in the vitals, for everybody else."""

import asyncio
import time
from collections.abc import Callable
from typing import Final

import structlog

from bot.outages.conditions import FAILURES_IN_A_ROW, LONGEST_WAIT, PATIENCE, Change, Condition, What
from bot.outages.database_look import DatabaseLook
from bot.vitals import VitalSigns

log = structlog.get_logger(__name__)

LOOK_SECONDS: Final = 5.0


class OutageWatch:
    """What it looks at is what is there anyway: the calls that people's questions make, and one query of its own."""

    def __init__(
        self,
        *,
        vitals: VitalSigns,
        database: DatabaseLook,
        model_failures: Callable[[], int],
        bigquery_failures: Callable[[], int],
        on_change: Callable[[What, Change], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Failures are those in a row."""
        self._vitals = vitals
        self._database = database
        self._model_failures = model_failures
        self._bigquery_failures = bigquery_failures
        self._on_change = on_change
        self._clock = clock
        self._conditions = {what: Condition(PATIENCE[what]) for what in What}
        vitals.degraded = self.degraded

    def degraded(self) -> tuple[str, ...]:
        return tuple(what.value for what, condition in self._conditions.items() if condition.is_degraded)

    async def run(self) -> None:
        """Until cancelled."""
        try:
            while True:
                await self._look_again()
                await asyncio.sleep(LOOK_SECONDS)
        finally:
            await self._database.close()

    async def _look_again(self) -> None:
        try:
            await self.look()
        except Exception:  # the boundary: a mistake of ours, and nobody waits for this task
            log.exception("outages.not_looked")
            self._vitals.queue, self._vitals.database_is_up = None, False  # what was seen once is no news of now

    async def look(self) -> None:
        """At everything, once; it takes no longer than the database is given to answer."""
        self._vitals.queue = await self._database.queue()
        self._vitals.database_is_up = self._vitals.queue is not None
        at = self._clock()
        for what, is_bad in self._seen().items():
            if (change := self._conditions[what].look(is_bad=is_bad, at=at)) is not None:
                self._on_change(what, change)

    def _seen(self) -> dict[What, bool]:
        vitals, queue = self._vitals, self._vitals.queue
        too_long = self._conditions[What.QUEUE].is_degraded if queue is None else queue.oldest_seconds > LONGEST_WAIT
        return {
            What.DATABASE: queue is None,
            What.SLACK: vitals.connected_since() is None and not vitals.is_draining,
            What.MODEL: self._model_failures() >= FAILURES_IN_A_ROW,
            What.BIGQUERY: self._bigquery_failures() >= FAILURES_IN_A_ROW,
            What.QUEUE: too_long,  # while nobody can look it stays as it was
            What.ENGINE: vitals.engine() == "unavailable",
        }
