"""Model calls are paid, and refused where a budget of dollars has nothing left."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from agent.errors import ModelUnavailable
from agent.llm.model import Meter, Prompt, Shape
from agent.llm.pricing import TokenPrice
from agent.model_till import BudgetSpent
from agent.policy.budget import Budget, OnExceeded, Period, Scope
from agent.turn import Actor, Audience, Turn
from tests.fakes.budgets import FakeBudgets
from tests.fakes.cashier import till_at
from tests.fakes.model import FakeModel

TURN = Turn("t1", "c1", Actor("U1", "T1"), Audience("channel", "C1"), "Hi")
PROMPT = Prompt("chat_reply", "You are kind.", "Hi", max_tokens=10)
PRICE = TokenPrice(input_usd=1000, output_usd=2000)
"""A call of FakeModel, 10 tokens in and 5 out, costs 2 cents."""


class Reply(Shape):
    reply: str


@pytest.fixture
def books() -> FakeBudgets:
    return FakeBudgets()


def limited(books: FakeBudgets, usd: str, on_exceeded: OnExceeded = OnExceeded.BLOCK) -> None:
    books.set_budget(Budget(Scope.USER, "U1", Period.DAY, None, Decimal(usd), on_exceeded))


def paid(books: FakeBudgets, model: FakeModel, price: TokenPrice | None = PRICE):
    return till_at(books, price=price, now=lambda: datetime(2026, 1, 5, tzinfo=UTC)).paying(model, TURN)


async def test_every_call_is_in_the_audit_with_its_price_tokens_and_prompt(books: FakeBudgets) -> None:
    meter = Meter()
    model = paid(books, FakeModel().says("chat_reply", {"reply": "Hello"}))
    for _ in range(2):
        await model.ask(PROMPT, Reply, meter)
    first, second = books.audit.entries
    assert first.key != second.key
    assert (first.kind, first.outcome, first.cost_usd) == ("model", "chat_reply", Decimal("0.02"))
    assert (first.usage.calls, first.usage.input_tokens, first.usage.output_tokens) == (1, 10, 5)
    assert first.prompts == meter.prompts
    assert list(meter.prompts) == ["chat_reply"]
    assert meter.usage.calls == 2


async def test_a_call_that_fails_is_paid_too(books: FakeBudgets) -> None:
    with pytest.raises(ModelUnavailable):
        await paid(books, FakeModel().says("chat_reply", ModelUnavailable())).ask(PROMPT, Reply, Meter())
    assert [entry.cost_usd for entry in books.audit.entries] == [Decimal("0.02")]


async def test_no_model_is_asked_once_a_budget_has_nothing_left(books: FakeBudgets) -> None:
    limited(books, "0.03")
    fake = FakeModel().says("chat_reply", {"reply": "Hello"})
    model = paid(books, fake)
    for _ in range(2):  # what a call costs is known after it: the second begins with a cent left
        await model.ask(PROMPT, Reply, Meter())
    with pytest.raises(BudgetSpent) as caught:
        await model.ask(PROMPT, Reply, Meter())
    assert caught.value.notice.code == "deny.budget_spent"
    assert len(fake.prompts) == 2


async def test_where_an_owner_may_say_yes_the_model_goes_on(books: FakeBudgets) -> None:
    limited(books, "0.01", OnExceeded.APPROVAL)
    model = paid(books, FakeModel().says("chat_reply", {"reply": "Hello"}))
    for _ in range(3):
        await model.ask(PROMPT, Reply, Meter())
    assert len(books.audit.entries) == 3


async def test_without_a_price_tokens_are_counted_and_nothing_is_refused(books: FakeBudgets) -> None:
    limited(books, "0.000000001")
    model = paid(books, FakeModel().says("chat_reply", {"reply": "Hello"}), price=None)
    for _ in range(2):
        await model.ask(PROMPT, Reply, Meter())
    assert [(entry.cost_usd, entry.usage.input_tokens) for entry in books.audit.entries] == [(None, 10)] * 2


async def test_the_turn_that_uses_most_of_a_budget_is_told(books: FakeBudgets) -> None:
    limited(books, "0.025")
    till = till_at(books, price=PRICE)
    model = till.paying(FakeModel().says("chat_reply", {"reply": "Hello"}), TURN)
    await model.ask(PROMPT, Reply, Meter())
    (notice,) = await till.warnings("t1")
    assert (notice.code, notice.params["percent"]) == ("budget.warning_usd", 80)
    assert await till.warnings("t2") == ()
