"""A policy on trial: what it would have decided otherwise is written down, and decides nothing."""

from dataclasses import dataclass

import pytest
import structlog

from agent.bigquery.pricing import MEBIBYTE, OnDemandPrice
from agent.bigquery.warehouse import ColumnInfo, TableInfo
from agent.cashier import Cashier
from agent.observe_policy import PolicyObserver
from agent.policy.cost import CostLimits
from agent.policy.decision import Allow, Deny
from agent.policy.policy_file import read_policy
from agent.query import QueryPolicy, QueryRefused, QueryRequest, QueryRunner
from agent.query_access import StatementJudge
from agent.sql.column_use import ColumnUse, OutputColumn, Source
from agent.sql.names import read_table_name
from agent.sql.rules import ReadRights
from agent.sql.verdict import Verdict, deny, reach_verdict
from agent.turn import Actor, Audience, DecisionWord
from tests.fakes.access import FakeColumns, access_of
from tests.fakes.approvals import FakeApprovals
from tests.fakes.budgets import FakeBudgets
from tests.fakes.cashier import cashier_at
from tests.fakes.results import FakeResults
from tests.fakes.warehouse import FakeWarehouse, Statement, table_of

USERS, PAY = "demo.shop.users", "demo.hr.pay"
MAILS, PAID = "SELECT email FROM shop.users", "SELECT n FROM hr.pay"
ENFORCED = "{version: 1, grants: [{to: everyone, read: shop}]}"
MASKS = "{version: 1, tags: {personal: {columns: email}}, grants: [{to: everyone, read: shop, tags: {personal: mask}}]}"
REFUSES = "{version: 1, grants: []}"
OPENS = "{version: 1, grants: [{to: everyone, read: [shop, hr]}]}"
SOURCE = frozenset([Source(USERS, ("email",))])
COLUMNS = FakeColumns({MAILS: ColumnUse(frozenset(), (OutputColumn("email", SOURCE, SOURCE),))})
TABLES = [TableInfo(USERS, (ColumnInfo("email", "STRING"),)), TableInfo(PAY, (ColumnInfo("n", "INT64"),))]
REQUEST = QueryRequest("turn-1", "T1:D1", Actor("U1", "T1"), Audience("asker", "D1"), "?")
POLICY = QueryPolicy("demo", CostLimits(1 << 40, auto_execute_max_cost_usd=1.0, price=OnDemandPrice(6.25)))


class Gate:
    """Lets through what the rights let read."""

    async def check(self, sql: str, rights: ReadRights | None = None) -> Verdict:
        table = read_table_name(("shop.users" if sql == MAILS else "hr.pay",), "demo")
        assert rights is not None
        findings = [] if rights.may_read(table) else [deny("deny.table", table=str(table))]
        return reach_verdict(sql, findings, tables=(table,), statement_type="SELECT")


@dataclass
class Door:
    runner: QueryRunner
    warehouse: FakeWarehouse
    books: FakeBudgets


def door_with(on_trial: str) -> Door:
    warehouse, books = FakeWarehouse(), FakeBudgets()
    warehouse.knows(MAILS, Statement(table_of([("email", "STRING")], ("a@b.c",)), 5 * MEBIBYTE, (USERS,)))
    warehouse.knows(PAID, Statement(table_of([("n", "INT64")], (1,)), 5 * MEBIBYTE, (PAY,)))
    cashier: Cashier = cashier_at(warehouse, books)

    def judge(policy: str) -> StatementJudge:
        access = access_of(read_policy(policy, "demo"), project="demo", tables=TABLES, columns=COLUMNS)
        return StatementJudge(Gate(), warehouse, POLICY, access)

    enforced = judge(ENFORCED)
    runner = QueryRunner(
        gate=enforced.gate, warehouse=warehouse, policy=POLICY, approvals=FakeApprovals(), results=FakeResults(),
        cashier=cashier, access=enforced.access,
        observer=PolicyObserver(judge(on_trial), cashier, lambda: "trial"),
    )  # fmt: skip
    return Door(runner, warehouse, books)


@pytest.mark.parametrize(
    ("on_trial", "difference", "word", "code"),
    [
        (MASKS, "allow > mask", DecisionWord.AUTO_EXECUTE, None),
        (REFUSES, "allow > deny", DecisionWord.BLOCKED, "deny.no_rights"),
    ],
)
async def test_a_difference_is_written_down_once_and_what_holds_is_untouched(
    on_trial: str, difference: str, word: DecisionWord, code: str | None
) -> None:
    door = door_with(on_trial)
    assert (await door.runner.check(MAILS, REQUEST)).decision == Allow()
    outcome = await door.runner.run(MAILS, REQUEST)
    assert outcome.table.rows == (("a@b.c",),)
    [told] = door.books.audit.of_kind("observed")
    assert (told.outcome, told.decision, told.policy_version) == (difference, word, "trial")
    assert [reason.code for reason in told.reasons] == ([code] if code else [])
    assert len(door.warehouse.dry_runs) == 2, "one for the check, one for the run, none for the trial"


async def test_what_a_policy_on_trial_would_open_stays_shut() -> None:
    door = door_with(OPENS)
    assert isinstance((await door.runner.check(PAID, REQUEST)).decision, Deny)
    with pytest.raises(QueryRefused):
        await door.runner.run(PAID, REQUEST)
    [told] = door.books.audit.of_kind("observed")
    assert told.outcome == "deny > allow"
    assert door.warehouse.jobs == {}


async def test_two_policies_of_one_mind_leave_no_trace() -> None:
    door = door_with(OPENS)
    await door.runner.run(MAILS, REQUEST)
    assert door.books.audit.of_kind("observed") == []


async def test_nobodys_question_fails_by_a_policy_on_trial() -> None:
    door = door_with(OPENS)
    door.warehouse.broken_dry_runs.add(PAID)
    with structlog.testing.capture_logs() as logs, pytest.raises(QueryRefused):
        await door.runner.run(PAID, REQUEST)
    assert "policy.not_observed" in [line["event"] for line in logs]
