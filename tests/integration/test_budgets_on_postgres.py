"""Budgets and the audit where it counts: many at once on a real Postgres, and nobody can rewrite what happened."""

import asyncio
import random
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from agent.audit import AuditEntry
from agent.policy.approvals import ApprovalRequest
from agent.policy.budget import Budget, Period, Scope
from agent.spend import Amount, Payers
from agent.turn import DecisionWord
from bot.storage.approvals import PostgresApprovals
from bot.storage.audit import PAGE_ROWS, PostgresAudit
from bot.storage.budget_book import PostgresBudgetBook
from bot.storage.budgets import PostgresBudgets
from bot.storage.database import Database

UTC_ZONE = ZoneInfo("UTC")
NOW = datetime.now(UTC)


@pytest.fixture
def budgets(database: Database) -> PostgresBudgets:
    return PostgresBudgets(database, UTC_ZONE)


@pytest.fixture
def book(database: Database) -> PostgresBudgetBook:
    return PostgresBudgetBook(database, UTC_ZONE)


def job(number: int, payers: Payers, *, at: datetime = NOW) -> AuditEntry:
    return AuditEntry(f"job:{number}", "job", at, f"t{number}", "c", payers, "v1", job_id=str(number))


async def one(database: Database, sql: str) -> object:
    async with database.transaction() as connection:
        return (await connection.execute(text(sql))).scalar_one()


async def test_two_hundred_at_once_never_pass_any_of_their_limits(
    database: Database, budgets: PostgresBudgets, book: PostgresBudgetBook
) -> None:
    """They share three budgets in different combinations: held in one order, so that nobody deadlocks."""
    for scope, subject, limit in (
        (Scope.USER, "*", 40),
        (Scope.CHANNEL, "C1", 300),
        (Scope.GROUP, "S1", 250),
        (Scope.WORKSPACE, "T1", 500),
    ):
        await book.put(Budget(scope, subject, Period.DAY, limit, Decimal("1e6")))
    dice = random.Random(7)
    jobs = [
        job(n, Payers("T1", f"U{n % 20}", dice.choice(["C1", "C2"]), frozenset(dice.choice([(), ("S1",)]))))
        for n in range(200)
    ]
    needs = [Amount(dice.randint(1, 12), Decimal("0.5")) for _ in jobs]
    exceeded = await asyncio.gather(*(budgets.reserve(*pair) for pair in zip(jobs, needs, strict=True)))
    held = [(entry, need) for entry, need, over in zip(jobs, needs, exceeded, strict=True) if not over]
    assert 0 < len(held) < 200

    def total(of: str, limit: int) -> int:
        mine = [
            need.bytes
            for entry, need in held
            if of in (entry.payers.team, entry.payers.channel, entry.payers.user, *entry.payers.groups)
        ]
        assert sum(mine) <= limit
        return sum(mine)

    sums = {of: total(of, limit) for of, limit in (("C1", 300), ("S1", 250), ("T1", 500))}
    sums |= {f"U{n}": total(f"U{n}", 40) for n in range(20)}
    async with database.transaction() as connection:
        rows = (await connection.execute(text("SELECT subject, reserved_bytes FROM budget_accounts"))).all()
    assert {row.subject: row.reserved_bytes for row in rows} == sums


async def test_settling_releasing_and_reserving_at_once_leaves_the_accounts_equal_to_the_audit(
    database: Database, budgets: PostgresBudgets, book: PostgresBudgetBook
) -> None:
    """Every call is made twice at once, as two replicas would; a budget is set in the middle of it."""
    await book.put(Budget(Scope.USER, "*", Period.DAY, 10**6, None))

    slots = asyncio.Semaphore(6)  # of two calls each: with more of them the slowest waits for a connection too long

    async def live_in_a_slot(number: int) -> None:
        async with slots:
            await live(number)

    async def live(number: int) -> None:
        entry = job(number, Payers("T1", f"U{number % 5}", "C1"))
        await asyncio.gather(*(budgets.reserve(entry, Amount(10)) for _ in range(2)))
        if number == 20:
            await book.put(Budget(Scope.CHANNEL, "C1", Period.MONTH, 10**6, None))
        if number % 3 == 0:
            await asyncio.gather(*(budgets.release(str(number)) for _ in range(2)))
        if number % 5:
            settled = (budgets.settle(str(number), Amount(number), outcome="done", turn_id="t") for _ in range(2))
            assert sorted(await asyncio.gather(*settled)) == [False, True]

    await asyncio.gather(*(live_in_a_slot(number) for number in range(60)))
    audited = await one(database, "SELECT sum(bytes_billed) FROM audit WHERE kind = 'job'")
    assert audited == sum(number for number in range(60) if number % 5)
    for scope in ("user", "channel"):
        spent = await one(database, f"SELECT sum(spent_bytes) FROM budget_accounts WHERE scope = '{scope}'")
        held = await one(database, f"SELECT sum(reserved_bytes) FROM budget_accounts WHERE scope = '{scope}'")
        open_jobs = await one(database, "SELECT count(*) FROM reservations WHERE state = 'held'")
        assert (spent, held) == (audited, 10 * int(str(open_jobs)))


async def test_the_audit_can_be_added_to_and_nothing_else(database: Database, database_url: str) -> None:
    audit = PostgresAudit(database)
    await audit.record(job(1, Payers("T1", "U1", "C1")))
    for statement in (
        "UPDATE audit SET asker = 'somebody else'",
        "DELETE FROM audit",
        "TRUNCATE audit",
        "SET data_bolt.audit_retention = 'on'; DELETE FROM audit",
    ):
        with psycopg.connect(database_url) as connection, pytest.raises(psycopg.errors.RestrictViolation):
            connection.execute(statement.encode())
    assert await one(database, "SELECT asker FROM audit") == "U1"


async def test_only_what_is_old_is_pruned(database: Database, budgets: PostgresBudgets) -> None:
    audit = PostgresAudit(database)
    for number, age in ((1, 400), (2, 5)):
        await budgets.reserve(job(number, Payers("T1", "U1", "C1"), at=NOW - timedelta(days=age)), Amount(1))
        await budgets.settle(str(number), Amount(1), outcome="done")
    with pytest.raises(IntegrityError):
        await audit.prune(NOW - timedelta(days=1))
    assert await audit.prune(NOW - timedelta(days=365)) == 1
    assert await one(database, "SELECT array_agg(key) FROM audit") == ["job:2"]
    assert await one(database, "SELECT array_agg(job_id) FROM reservations") == ["2"]


async def test_an_export_of_several_pages_has_every_row_once_in_order(database: Database) -> None:
    """Rows of one moment as well: a page may end among them."""
    count = 2 * PAGE_ROWS + 7
    async with database.transaction() as connection:
        await connection.execute(
            text(
                "INSERT INTO audit (key, kind, at, turn_id, conversation, team, asker, channel, groups, question, sql,"
                " fingerprint, tables, reasons, outcome, model, prompts, input_tokens, output_tokens, policy_version)"
                " SELECT n::text, 'decision', :at + (n / 300) * interval '1 s', '', '', '', '', '', '{}', '', '', '',"
                " '{}', '[]', '', '', '{}', 0, 0, '' FROM generate_series(1, :count) AS n"
            ).bindparams(at=NOW, count=count)
        )
    rows = PostgresAudit(database).rows(NOW, NOW + timedelta(hours=1))
    keys = [int(row["key"]) async for row in rows]
    assert keys == list(range(1, count + 1))
    assert [row async for row in PostgresAudit(database).rows(NOW + timedelta(hours=1), NOW + timedelta(hours=2))] == []


async def test_a_persons_word_and_the_clocks_are_in_the_audit_once(database: Database) -> None:
    audit, approvals = PostgresAudit(database), PostgresApprovals(database)
    ids: list[str] = []
    for number, lives in ((1, 3600), (2, 3600), (3, -1)):
        asked = AuditEntry(
            f"decision:t{number}:f:approval_required", "decision", NOW, f"t{number}", "c",
            Payers("T1", "U1", "C1"), "v1", question="<EMAIL_1>?", fingerprint="f",
            decision=DecisionWord.APPROVAL_REQUIRED,
        )  # fmt: skip
        await audit.record(asked)
        request = ApprovalRequest(
            f"t{number}", "c", "U1", "ana@example.com?", "SELECT 1", "f", (), 1, None, (),
            expires_at=NOW + timedelta(seconds=lives),
        )  # fmt: skip
        ids.append(await approvals.request(request))
    for _ in range(2):
        await approvals.decide(ids[0], "U9", approve=True, via="click")
        await approvals.decide(ids[1], "U9", approve=False, via="click")
        await approvals.outdated_cards(10)
    async with database.transaction() as connection:
        wanted = text(
            "SELECT key, decision, outcome, approver, asker, question FROM audit WHERE approval_id IS NOT NULL"
        )
        words = {row.key: tuple(row)[1:] for row in await connection.execute(wanted)}
    assert words == {
        f"approval:{ids[0]}": ("auto_execute", "approved", "U9", "U1", "<EMAIL_1>?"),
        f"approval:{ids[1]}": ("blocked", "denied", "U9", "U1", "<EMAIL_1>?"),
        f"approval:{ids[2]}": ("blocked", "expired", None, "U1", "<EMAIL_1>?"),
    }
