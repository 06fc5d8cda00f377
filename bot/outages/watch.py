"""Looks every few seconds at what the daemon stands on. What it sees stands in the vitals, for everybody else."""

import asyncio
import time
from collections.abc import Callable, Sequence
from typing import Final, Protocol

import structlog

from agent.policy.budget import Scope, Standing
from bot.budgets import BudgetLine
from bot.outages.announcer import Announcer
from bot.outages.conditions import FAILURES_IN_A_ROW, LONGEST_WAIT, PATIENCE, Condition, What
from bot.outages.database_look import DatabaseLook
from bot.vitals import VitalSigns

log = structlog.get_logger(__name__)

LOOK_SECONDS: Final = 5.0
SELDOM_SECONDS: Final = 60.0
"""Between two looks at the budgets, and at what nobody sees any more."""


class Budgets(Protocol):
    """`bot.budgets.BudgetBook`, to be read."""

    async def lines(self) -> Sequence[BudgetLine]: ...


class OutageWatch:
    """What it looks at is what is there anyway: the calls that people's questions make, and one query of its own."""

    def __init__(
        self,
        *,
        vitals: VitalSigns,
        database: DatabaseLook,
        model_failures: Callable[[], int],
        bigquery_failures: Callable[[], int],
        budgets: Budgets,
        on_budgets: Callable[[Sequence[BudgetLine]], None],
        announcer: Announcer,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Failures are those in a row. *on_budgets* is handed each look at them."""
        self._vitals = vitals
        self._database = database
        self._model_failures = model_failures
        self._bigquery_failures = bigquery_failures
        self._budgets = budgets
        self._on_budgets = on_budgets
        self._announcer = announcer
        self._clock = clock
        self._conditions = {what: Condition(PATIENCE[what]) for what in What}
        self._seldom_at: float | None = None
        vitals.degraded = self.degraded

    def degraded(self) -> tuple[str, ...]:
        return tuple(what.value for what, condition in self._conditions.items() if condition.is_degraded)

    async def run(self) -> None:
        """Until cancelled."""
        try:
            while True:
                try:
                    await self.look()
                except Exception as error:  # the boundary: who watches over the others is not the first to fall
                    log.warning("outages.look_failed", error=type(error).__name__)
                await asyncio.sleep(LOOK_SECONDS)
        finally:
            await self._database.close()

    async def look(self) -> None:
        """At everything, once."""
        self._vitals.queue = await self._database.queue()
        self._vitals.database_is_up = self._vitals.queue is not None
        now = self._clock()
        for what, is_bad in self._seen().items():
            await self._judge(what, is_bad=is_bad, at=now)
        if self._vitals.database_is_up and (self._seldom_at is None or now - self._seldom_at >= SELDOM_SECONDS):
            self._seldom_at = now
            await self._look_at_budgets()
            await self._announcer.sweep()

    def _seen(self) -> dict[What, bool]:
        vitals, queue = self._vitals, self._vitals.queue
        too_long = self._conditions[What.QUEUE].is_degraded if queue is None else queue.oldest_seconds > LONGEST_WAIT
        return {
            What.DATABASE: queue is None,
            What.SLACK: vitals.connected_since() is None and not vitals.is_draining,
            What.MODEL: self._model_failures() >= FAILURES_IN_A_ROW,
            What.BIGQUERY: self._bigquery_failures() >= FAILURES_IN_A_ROW,
            What.QUEUE: too_long,  # while nobody can look it stays as it was
        }

    async def _judge(self, what: What, *, is_bad: bool, at: float) -> None:
        condition = self._conditions[what]
        match condition.look(is_bad=is_bad, at=at):
            case "degraded":
                await self._announcer.degraded(what)
            case "recovered":
                await self._announcer.recovered(what)
            case None:
                if condition.is_degraded:
                    await self._announcer.still_degraded(what)

    async def _look_at_budgets(self) -> None:
        lines = await self._budgets.lines()
        self._on_budgets(lines)
        for standing in (standing for line in lines for standing in line.standings):
            if standing.is_nearly_spent() and not _is_of_one_person(standing):
                await self._announcer.budget_nearly_spent(standing.name, float(standing.share), standing.resets)


def _is_of_one_person(standing: Standing) -> bool:
    """They read it themselves, in the answer that brought them there."""
    return standing.budget.scope is Scope.USER or standing.subject.startswith("D")
