"""What every `Audit` promises, on the fake and on Postgres."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import pytest

from agent.audit import Audit, AuditEntry
from agent.notice import Notice
from agent.spend import Payers
from agent.turn import DecisionWord, Usage
from bot.storage.audit import PostgresAudit
from bot.storage.database import Database
from tests.fakes.audit import FakeAudit

ENTRY = AuditEntry(
    key="decision:t1:f:blocked",
    kind="decision",
    at=datetime(2026, 1, 5, tzinfo=UTC),
    turn_id="t1",
    conversation="T1:C1:1.0",
    payers=Payers("T1", "U1", "C1", frozenset({"S1"})),
    policy_version="v1",
    question="매출? \x00",
    sql="SELECT 1",
    decision=DecisionWord.BLOCKED,
    reasons=(Notice("deny.table", {"table": "hr.salaries"}),),
    usage=Usage(1, 10, 5),
)


@dataclass
class Case:
    audit: Audit
    sqls: Callable[[], Awaitable[dict[str, str]]]
    """What is kept: the SQL by key."""


@pytest.fixture
def memory_audit() -> Case:
    audit = FakeAudit()

    async def sqls() -> dict[str, str]:
        return {entry.key: entry.sql for entry in audit.entries}

    return Case(audit, sqls)


@pytest.fixture
def postgres_audit(database: Database) -> Case:
    audit = PostgresAudit(database)

    async def sqls() -> dict[str, str]:
        rows = audit.rows(datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 2, 1, tzinfo=UTC))
        return {row["key"]: row["sql"] async for row in rows}

    return Case(audit, sqls)


@pytest.fixture(params=["memory_audit", "postgres_audit"])
def case(request: pytest.FixtureRequest) -> Case:
    return request.getfixturevalue(request.param)


async def test_what_is_told_again_is_written_once_and_as_it_was_first(case: Case) -> None:
    await case.audit.record(ENTRY)
    await case.audit.record(replace(ENTRY, sql="SELECT 2"))
    await case.audit.record(replace(ENTRY, key="decision:t1:f:refused", sql="SELECT 3"))
    assert await case.sqls() == {"decision:t1:f:blocked": "SELECT 1", "decision:t1:f:refused": "SELECT 3"}


async def test_a_row_has_everything_that_was_decided(database: Database) -> None:
    audit = PostgresAudit(database)
    await audit.record(ENTRY)
    (row,) = [row async for row in audit.rows(ENTRY.at, datetime(2026, 2, 1, tzinfo=UTC))]
    assert (row["asker"], row["groups"], row["decision"], row["question"]) == ("U1", ["S1"], "blocked", "매출? \ufffd")
    assert row["reasons"] == [{"code": "deny.table", "params": {"table": "hr.salaries"}}]
    assert (row["input_tokens"], row["output_tokens"], row["policy_version"]) == (10, 5, "v1")
