"""Budgets as people set and see them: what `botctl budget` and `/data budget` share."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from agent.policy.budget import Budget, Period, Scope, Standing
from agent.spend import Payers


@dataclass(frozen=True, slots=True)
class BudgetLine:
    """A budget, and where its payers stand in the current period."""

    budget: Budget
    standings: tuple[Standing, ...]
    """Who has drawn on it, the nearest to its limit first. A budget of one subject has one line at most."""


class Purse(Protocol):
    async def standings(self, payers: Payers, at: datetime) -> tuple[Standing, ...]:
        """Where *payers* stand at that moment, in every budget that a turn of theirs draws on."""
        ...


class BudgetBook(Protocol):
    async def put(self, budget: Budget) -> None:
        """Keep *budget*, in place of the one of the same scope, subject and period. What was spent stays spent."""
        ...

    async def unset(self, scope: Scope, subject: str, period: Period) -> bool:
        """Whether there was one."""
        ...

    async def lines(self) -> Sequence[BudgetLine]:
        """Every budget, by scope, subject and period."""
        ...
