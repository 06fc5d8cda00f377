"""The real cashier and till over fake books: what a test of the door, or of a turn, needs of money."""

from collections.abc import Callable
from datetime import UTC, datetime

from agent.audit import Audit
from agent.bigquery.pricing import OnDemandPrice
from agent.bigquery.warehouse import Warehouse
from agent.cashier import Cashier
from agent.llm.pricing import TokenPrice
from agent.model_till import ModelTill
from agent.policy.budgets import Budgets
from tests.fakes.budgets import FakeBudgets


def cashier_at(
    warehouse: Warehouse,
    budgets: Budgets | None = None,
    audit: Audit | None = None,
    *,
    price: OnDemandPrice | None = None,
    max_bytes_billed: int = 1 << 40,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> Cashier:
    books = FakeBudgets()
    return Cashier(
        budgets=budgets or books,
        audit=audit or (budgets.audit if isinstance(budgets, FakeBudgets) else books.audit),
        warehouse=warehouse,
        price=price or OnDemandPrice(),
        max_bytes_billed=max_bytes_billed,
        policy_version=lambda: "policy-1",
        model="model-1",
        now=now,
    )


def till_at(
    budgets: Budgets | None = None,
    *,
    price: TokenPrice | None = None,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> ModelTill:
    return ModelTill(budgets or FakeBudgets(), "model-1", price, lambda: "policy-1", now)
