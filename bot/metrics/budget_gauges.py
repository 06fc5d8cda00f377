"""How far budgets are spent, without naming anybody: of people's budgets only the one that is nearest to its limit."""

from collections.abc import Iterable

from agent.policy.budget import EACH, Scope, Standing
from bot.budgets import BudgetLine
from bot.metrics.instruments import MOST_ACCOUNTS, Instruments


def show_budgets(instruments: Instruments, lines: Iterable[BudgetLine]) -> None:
    """In place of what was shown before: a budget that is gone is gone."""
    ratios: dict[str, float] = {}
    for line in lines:
        for standing in line.standings:
            name = account_name(line, standing)
            ratios[name] = max(ratios.get(name, 0.0), float(standing.share))
    nearest = sorted(ratios, key=lambda name: ratios[name], reverse=True)[:MOST_ACCOUNTS]
    instruments.budget_used.clear()
    for name in nearest:
        instruments.budget_used.labels(name).set(ratios[name])


def account_name(line: BudgetLine, standing: Standing) -> str:
    """`workspace:T1:month`; `user:*:day` for everybody's, and `channel:*:day` where a channel may be one person's."""
    budget = line.budget
    is_of_one_person = budget.scope is Scope.USER or standing.subject.startswith("D")
    return f"{budget.scope}:{EACH if is_of_one_person or budget.subject == EACH else budget.subject}:{budget.period}"
