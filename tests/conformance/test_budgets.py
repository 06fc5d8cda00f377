"""What every `Budgets` promises, on the fake and on Postgres."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from agent.audit import AuditEntry
from agent.policy.budget import Budget, OnExceeded, Period, Scope, Standing
from agent.policy.budgets import Budgets
from agent.spend import Amount, Payers
from bot.budgets import BudgetBook
from bot.storage.audit import PostgresAudit
from bot.storage.budget_book import PostgresBudgetBook
from bot.storage.budgets import PostgresBudgets
from bot.storage.database import Database
from tests.fakes.budgets import FakeBudgets

ZONE = ZoneInfo("Asia/Seoul")
NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)
LATE = datetime(2026, 1, 31, 16, tzinfo=UTC)
"""The first of February in Seoul."""
ANA = Payers("T1", "U1", "C1", frozenset({"S1", "data-team"}))
BEN = Payers("T1", "U2", "C1")


@dataclass
class Books:
    budgets: Budgets
    set_budget: Callable[[Budget], Awaitable[None]]
    billed: Callable[[], Awaitable[list[tuple[str, int | None]]]]
    """The audit's jobs and model calls by key, with their bytes."""


@pytest.fixture
def memory_books() -> Books:
    budgets = FakeBudgets(zone=ZONE.key)

    async def set_budget(budget: Budget) -> None:
        budgets.set_budget(budget)

    async def billed() -> list[tuple[str, int | None]]:
        return [(entry.key, entry.bytes_billed) for entry in budgets.audit.entries]

    return Books(budgets, set_budget, billed)


@pytest.fixture
def postgres_books(database: Database) -> Books:
    book: BudgetBook = PostgresBudgetBook(database, ZONE)

    async def billed() -> list[tuple[str, int | None]]:
        rows = PostgresAudit(database).rows(datetime(2025, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC))
        return [(row["key"], row["bytes_billed"]) async for row in rows]

    return Books(PostgresBudgets(database, ZONE), book.put, billed)


@pytest.fixture(params=["memory_books", "postgres_books"])
def books(request: pytest.FixtureRequest) -> Books:
    return request.getfixturevalue(request.param)


def budget(
    scope: Scope,
    subject: str,
    limit_bytes: int | None = 100,
    *,
    period: Period = Period.DAY,
    limit_usd: Decimal | None = None,
    on_exceeded: OnExceeded = OnExceeded.BLOCK,
) -> Budget:
    return Budget(scope, subject, period, limit_bytes, limit_usd, on_exceeded, owner="U9")


def job(name: str, payers: Payers = ANA, *, at: datetime = NOON) -> AuditEntry:
    return AuditEntry(f"job:{name}", "job", at, f"turn:{name}", "c", payers, "v1", question="\x00?", job_id=name)


def call(name: str, cost_usd: str, payers: Payers = ANA) -> AuditEntry:
    entry = AuditEntry(f"model:{name}", "model", NOON, f"turn:{name}", "c", payers, "v1")
    return replace(entry, cost_usd=Decimal(cost_usd))


def names(standings: tuple[Standing, ...]) -> set[str]:
    return {standing.name for standing in standings}


async def left(books: Books, payers: Payers = ANA, at: datetime = NOON) -> dict[str, int | None]:
    """Of every budget in bytes: asked with more than any of them has."""
    exceeded = await books.budgets.exceeded(payers, at, Amount(10**18))
    return {standing.name: standing.left_bytes for standing in exceeded}


async def test_without_a_budget_everything_is_reserved_and_written_down_once(books: Books) -> None:
    assert await books.budgets.reserve(job("j1"), Amount(10**15)) == ()
    settled = [await books.budgets.settle("j1", Amount(7), outcome="done", turn_id="t") for _ in range(2)]
    assert settled == [True, False]
    assert await books.billed() == [("job:j1", 7)]


async def test_what_is_held_counts_and_the_bill_takes_its_place(books: Books) -> None:
    await books.set_budget(budget(Scope.USER, "U1"))
    assert await books.budgets.reserve(job("j1"), Amount(60)) == ()
    assert names(await books.budgets.reserve(job("j2"), Amount(41))) == {"user:U1:day"}
    assert await books.budgets.reserve(job("j3"), Amount(40)) == ()
    await books.budgets.settle("j1", Amount(10), outcome="done")
    await books.budgets.release("j3")
    assert await left(books) == {"user:U1:day": 90}


async def test_every_budget_of_the_payers_has_to_have_room_or_none_is_held(books: Books) -> None:
    for one in (
        budget(Scope.USER, "U1", 1000),
        budget(Scope.CHANNEL, "C1", 500),
        budget(Scope.GROUP, "data-team", 50),
        budget(Scope.WORKSPACE, "T1", 2000, period=Period.MONTH),
        budget(Scope.USER, "U2", 1),
    ):
        await books.set_budget(one)
    assert names(await books.budgets.reserve(job("j1"), Amount(600))) == {"channel:C1:day", "group:data-team:day"}
    assert await books.budgets.reserve(job("j2"), Amount(50)) == ()
    expected = {"user:U1:day": 950, "channel:C1:day": 450, "group:data-team:day": 0, "workspace:T1:month": 1950}
    assert await left(books) == expected
    assert await left(books, BEN) == {"channel:C1:day": 450, "workspace:T1:month": 1950, "user:U2:day": 1}


async def test_a_budget_for_each_is_one_for_everybody_who_has_none_of_their_own(books: Books) -> None:
    await books.set_budget(budget(Scope.USER, "*", 100))
    await books.set_budget(budget(Scope.USER, "U2", 5))
    await books.budgets.reserve(job("j1"), Amount(30))
    assert await left(books, ANA) == {"user:U1:day": 70}
    assert await left(books, BEN) == {"user:U2:day": 5}
    assert await left(books, Payers("T1", "U3", "C1")) == {"user:U3:day": 100}


async def test_the_same_job_again_meets_its_own_reservation(books: Books) -> None:
    await books.set_budget(budget(Scope.USER, "U1"))
    for _ in range(3):
        assert await books.budgets.reserve(job("j1"), Amount(80)) == ()
    assert await left(books) == {"user:U1:day": 20}
    assert names(await books.budgets.exceeded(ANA, NOON, Amount(80))) == {"user:U1:day"}
    assert await books.budgets.exceeded(ANA, NOON, Amount(80), jobs=["j0", "j1"]) == ()
    await books.budgets.settle("j1", Amount(80), outcome="done")
    assert await books.budgets.reserve(job("j1"), Amount(80)) == ()
    assert await left(books) == {"user:U1:day": 20}


async def test_a_returned_reservation_is_held_anew_where_there_is_room(books: Books) -> None:
    await books.set_budget(budget(Scope.USER, "U1"))
    await books.budgets.reserve(job("j1"), Amount(80))
    await books.budgets.release("j1")
    await books.budgets.reserve(job("j2"), Amount(50))
    assert names(await books.budgets.reserve(job("j1"), Amount(80))) == {"user:U1:day"}
    assert await books.budgets.reserve(job("j1"), Amount(40)) == ()
    assert await left(books) == {"user:U1:day": 10}


async def test_a_bill_that_comes_after_the_return_is_booked_all_the_same(books: Books) -> None:
    await books.set_budget(budget(Scope.USER, "U1"))
    await books.budgets.reserve(job("j1"), Amount(80))
    await books.budgets.release("j1")
    await books.budgets.settle("j1", Amount(30), outcome="done")
    await books.budgets.release("j1")
    assert await left(books) == {"user:U1:day": 70}
    assert await books.billed() == [("job:j1", 30)]


async def test_a_bill_may_be_higher_than_what_was_held(books: Books) -> None:
    await books.set_budget(budget(Scope.USER, "U1"))
    await books.budgets.reserve(job("j1"), Amount(80))
    await books.budgets.settle("j1", Amount(130), outcome="done")
    assert await left(books) == {"user:U1:day": 0}


async def test_a_job_that_nobody_reserved_cannot_be_settled(books: Books) -> None:
    with pytest.raises(LookupError):
        await books.budgets.settle("unknown", Amount(1), outcome="done")
    await books.budgets.release("unknown")


async def test_days_and_months_begin_in_their_time_zone(books: Books) -> None:
    await books.set_budget(budget(Scope.USER, "U1", 100))
    await books.set_budget(budget(Scope.USER, "U1", 300, period=Period.MONTH))
    await books.budgets.reserve(job("j1"), Amount(90))
    assert await left(books, at=NOON) == {"user:U1:day": 10, "user:U1:month": 210}
    assert await left(books, at=LATE) == {"user:U1:day": 100, "user:U1:month": 300}
    (day, month) = await books.budgets.exceeded(ANA, NOON, Amount(10**6))
    assert {day.resets, month.resets} == {"2026-02-01 00:00 (Asia/Seoul)"}


async def test_a_job_that_is_billed_tomorrow_is_paid_by_the_day_it_was_reserved_on(books: Books) -> None:
    await books.set_budget(budget(Scope.USER, "U1"))
    await books.budgets.reserve(job("j1"), Amount(90))
    assert await left(books, at=LATE) == {"user:U1:day": 100}
    await books.budgets.settle("j1", Amount(50), outcome="done")
    assert await left(books, at=LATE) == {"user:U1:day": 100}
    assert await left(books, at=NOON) == {"user:U1:day": 50}


async def test_a_budget_set_while_a_job_runs_knows_what_was_spent_and_what_is_held(books: Books) -> None:
    await books.budgets.reserve(job("j1"), Amount(30))
    await books.budgets.settle("j1", Amount(25), outcome="done")
    await books.budgets.reserve(job("j2"), Amount(40))
    await books.set_budget(budget(Scope.GROUP, "S1", 100))
    assert await left(books) == {"group:S1:day": 35}
    await books.budgets.settle("j2", Amount(5), outcome="done")
    assert await left(books) == {"group:S1:day": 70}


async def test_only_a_named_budget_may_be_exceeded(books: Books) -> None:
    await books.set_budget(budget(Scope.USER, "U1", 10, on_exceeded=OnExceeded.APPROVAL))
    await books.set_budget(budget(Scope.CHANNEL, "C1", 50))
    assert names(await books.budgets.reserve(job("j1"), Amount(20))) == {"user:U1:day"}
    assert names(await books.budgets.reserve(job("j1"), Amount(60), lifted=["user:U1:day"])) == {"channel:C1:day"}
    assert await books.budgets.reserve(job("j1"), Amount(20), lifted=["user:U1:day"]) == ()


async def test_dollars_are_of_the_warehouse_and_of_the_model(books: Books) -> None:
    await books.set_budget(budget(Scope.USER, "U1", None, limit_usd=Decimal("1.00")))
    await books.budgets.charge(call("m1", "0.300000001"))
    await books.budgets.charge(call("m1", "0.300000001"))
    assert await books.budgets.reserve(job("j1"), Amount(5, Decimal("0.6"))) == ()
    (standing,) = await books.budgets.exceeded(ANA, NOON, Amount(usd=Decimal(1)))
    assert (standing.left_usd, standing.left_bytes) == (Decimal("0.099999999"), None)
    assert await books.billed() == [("model:m1", None)]


async def test_one_turn_is_told_that_a_budget_is_nearly_spent_and_told_again_when_it_asks_again(books: Books) -> None:
    await books.set_budget(budget(Scope.USER, "U1"))
    await books.set_budget(budget(Scope.CHANNEL, "C1", 1000))
    for name, billed in (("j1", 79), ("j2", 1), ("j3", 1)):
        await books.budgets.reserve(job(name), Amount(10))
        await books.budgets.settle(name, Amount(billed), outcome="done", turn_id=f"turn:{name}")
    assert await books.budgets.warnings("turn:j1") == ()
    for _ in range(2):
        (warned,) = await books.budgets.warnings("turn:j2")
        assert (warned.name, warned.warn().params["percent"]) == ("user:U1:day", 81)
    assert await books.budgets.warnings("turn:j3") == ()


async def test_what_the_collector_books_is_told_by_the_next_turn(books: Books) -> None:
    await books.set_budget(budget(Scope.USER, "U1"))
    await books.budgets.reserve(job("j1"), Amount(90))
    await books.budgets.settle("j1", Amount(90), outcome="done")
    await books.budgets.charge(call("m1", "0.1"))
    assert names(await books.budgets.warnings("turn:m1")) == {"user:U1:day"}


async def test_what_is_held_is_found_until_it_is_settled_or_returned(books: Books) -> None:
    for name in ("j1", "j2", "j3"):
        await books.budgets.reserve(job(name), Amount(1))
    await books.budgets.settle("j1", Amount(1), outcome="done")
    await books.budgets.release("j2")
    assert await books.budgets.unsettled(timedelta(0)) == ("j3",)
