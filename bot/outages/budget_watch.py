"""Looks at the budgets every minute: for the gauges, and to tell once of each that is nearly spent."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Final, Protocol

import structlog

from agent.notice import Notice
from agent.policy.budget import Scope, Standing
from bot.budgets import BudgetLine
from bot.noticeboard import Noticeboard
from bot.outages.book import OutageBook

log = structlog.get_logger(__name__)

LOOK_SECONDS: Final = 60.0


class Budgets(Protocol):
    """`bot.budgets.BudgetBook`, to be read."""

    async def lines(self) -> Sequence[BudgetLine]: ...


class BudgetWatch:
    def __init__(
        self,
        budgets: Budgets,
        book: OutageBook,
        board: Noticeboard,
        *,
        on_look: Callable[[Sequence[BudgetLine]], None],
    ) -> None:
        self._budgets = budgets
        self._book = book
        self._board = board
        self._on_look = on_look

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            try:
                await self.look()
            except Exception as error:  # the boundary: the database may be away, and the next look comes
                log.warning("budgets.not_read", error=type(error).__name__)
            await asyncio.sleep(LOOK_SECONDS)

    async def look(self) -> None:
        lines = await self._budgets.lines()
        self._on_look(lines)
        for standing in (standing for line in lines for standing in line.standings):
            if standing.is_nearly_spent() and not _is_of_one_person(standing):
                await self._tell(standing)

    async def _tell(self, standing: Standing) -> None:
        """Once in its period: whoever sees it says so again, and nobody closes it before it is over."""
        if not await self._book.keep_open(f"budget:{standing.name}:{standing.resets}"):
            return
        percent = int(standing.share * 100)
        log.warning("budget.nearly_spent", budget=standing.name, percent=percent)
        told = {"budget": standing.name, "percent": percent, "resets": standing.resets}
        await self._board.post(Notice("ops.budget_nearly_spent", told))


def _is_of_one_person(standing: Standing) -> bool:
    """They read it themselves, in the answer that brought them there."""
    return standing.budget.scope is Scope.USER or standing.subject.startswith("D")
