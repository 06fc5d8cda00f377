"""How far budgets are spent, without naming anybody: of people's budgets only the one that is nearest to its limit."""

from collections.abc import Iterable

from agent.policy.budget import EACH, Scope, Standing
from bot.budgets import BudgetLine
from bot.metrics.instruments import MOST_ACCOUNTS, Instruments


class BudgetGauges:
    def __init__(self, instruments: Instruments) -> None:
        self._gauge = instruments.budget_used
        self._shown: set[str] = set()

    def show(self, lines: Iterable[BudgetLine]) -> None:
        """In place of what was shown before. A scrape in between finds every budget that is still there."""
        nearest = _nearest(lines)
        for name, ratio in nearest.items():
            self._gauge.labels(name).set(ratio)
        for name in self._shown - nearest.keys():
            self._gauge.remove(name)
        self._shown = set(nearest)


def _nearest(lines: Iterable[BudgetLine]) -> dict[str, float]:
    ratios: dict[str, float] = {}
    for line in lines:
        for standing in line.standings:
            name = _account(line, standing)
            ratios[name] = max(ratios.get(name, 0.0), float(standing.share))
    names = sorted(ratios, key=lambda name: ratios[name], reverse=True)[:MOST_ACCOUNTS]
    return {name: ratios[name] for name in names}


def _account(line: BudgetLine, standing: Standing) -> str:
    """`workspace:T1:month`; `user:*:day` for everybody's, and `channel:*:day` where a channel may be one person's."""
    budget = line.budget
    is_of_one_person = budget.scope is Scope.USER or standing.subject.startswith("D")
    return f"{budget.scope}:{EACH if is_of_one_person or budget.subject == EACH else budget.subject}:{budget.period}"
