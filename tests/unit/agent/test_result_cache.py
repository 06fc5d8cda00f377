"""The cache at the door: what may stand for a run, and everything that may not."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.bigquery.pricing import MEBIBYTE, OnDemandPrice
from agent.bigquery.warehouse import ColumnInfo, TableInfo, TableState
from agent.policy.cost import CostLimits
from agent.policy.decision import Allow, NeedApproval
from agent.policy.policy_file import read_policy
from agent.query import QueryOutcome, QueryPolicy, QueryRefused, QueryRequest, QueryRunner
from agent.result_cache import ResultCache
from agent.sql.column_use import ColumnUse, OutputColumn, Source
from agent.sql.names import TableName, read_table_name
from agent.sql.verdict import Verdict
from agent.turn import Actor, Audience, Bill, Member
from tests.fakes.access import FakeColumns, access_of
from tests.fakes.approvals import FakeApprovals
from tests.fakes.budgets import FakeBudgets
from tests.fakes.cashier import cashier_at
from tests.fakes.kept_runs import FakeKeptRuns
from tests.fakes.results import FakeResults
from tests.fakes.warehouse import FakeWarehouse, Statement, table_of

SQL, MAILS, DEAR, ROLLED = "SELECT n FROM v", "SELECT email FROM users", "SELECT * FROM v", "SELECT RAND()"
USERS, ORDERS, VIEW = "demo.shop.users", "demo.shop.orders", "demo.shop.v"
NAMED = {SQL: VIEW, DEAR: VIEW, MAILS: USERS, "the view": ORDERS}
"""What each statement names; what is not here changes by itself."""
POLICY = """
version: 1
tags: {personal: {columns: [email]}}
grants:
  - {to: "user:UBOSS", read: shop, tags: {personal: show}}
  - {to: everyone, read: shop, tags: {personal: mask}}
"""
EMAIL = Source(USERS, ("email",))
USES = {MAILS: ColumnUse(frozenset(), (OutputColumn("email", frozenset([EMAIL]), frozenset([EMAIL])),))}
EARLY = datetime(2025, 1, 1, tzinfo=UTC)


class Gate:
    async def check(self, sql: str, rights: object = None) -> Verdict:
        table = {MAILS: USERS}.get(sql, VIEW)
        return Verdict(sql, "allow", (), tables=(read_table_name((table,), "demo"),))


class Repeatable:
    async def tables(self, sql: str) -> frozenset[TableName] | None:
        return frozenset([read_table_name((NAMED[sql],), "demo")]) if sql in NAMED else None


class Door:
    def __init__(self) -> None:
        self.warehouse, self.books, self.runs = FakeWarehouse(), FakeBudgets(), FakeKeptRuns()
        self.results = FakeResults(lambda: self.now)
        self.policy_version = "one"
        self.later = timedelta(0)
        for sql, table, size in [(SQL, ORDERS, 5), (DEAR, ORDERS, 1000), (MAILS, USERS, 5), (ROLLED, ORDERS, 5)]:
            columns = [("email" if sql == MAILS else "n", "STRING")]
            self.warehouse.knows(sql, Statement(table_of(columns, ("a@b.c",)), size * MEBIBYTE, (table,)))
        self.warehouse.states[VIEW] = TableState(VIEW, "VIEW", EARLY, view_query="the view")
        tables = [TableInfo(name, (ColumnInfo("n", "STRING"),)) for name in (ORDERS, VIEW)]
        tables.append(TableInfo(USERS, (ColumnInfo("email", "STRING"),)))
        limits = CostLimits(
            max_bytes_billed=2000 * MEBIBYTE, auto_execute_max_cost_usd=0.001, price=OnDemandPrice(6.25)
        )
        access = access_of(read_policy(POLICY, "demo"), project="demo", tables=tables, columns=FakeColumns(USES))
        self.approvals = FakeApprovals(lambda: self.now)
        self.runner = QueryRunner(
            gate=Gate(), warehouse=self.warehouse, policy=QueryPolicy("demo", limits), approvals=self.approvals,
            results=self.results, cashier=cashier_at(self.warehouse, self.books, now=lambda: self.now), access=access,
            cache=ResultCache(
                self.runs, self.results, Repeatable(), self.warehouse, lambda: self.policy_version,
                "demo", timedelta(days=1), max_rows=1000, now=lambda: self.now,
            ),
            now=lambda: self.now,
        )  # fmt: skip

    @property
    def now(self) -> datetime:
        return datetime.now(UTC) + self.later

    async def ask(self, sql: str, turn: str, user: str = "U1", **more: bool) -> QueryOutcome:
        return await self.runner.run(sql, request(turn, user, **more))


def request(turn: str, user: str = "U1", *, in_channel: bool = False, is_fresh: bool = False) -> QueryRequest:
    members = (Member("U1"), Member("UBOSS"))
    audience = Audience("channel", "C1", members=members) if in_channel else Audience("asker", "D1")
    return QueryRequest(turn, f"T1:{turn}", Actor(user, "T1"), audience, "How many?", is_fresh=is_fresh)


@pytest.fixture
def door() -> Door:
    return Door()


async def test_the_same_question_over_unchanged_tables_runs_once_and_costs_once(door: Door) -> None:
    first = await door.ask(SQL, "1")
    second = await door.ask(SQL, "2", "U2")
    assert first.ran_at is None
    assert second.ran_at is not None
    assert len(door.warehouse.jobs) == len(door.books.reservations) == 1
    assert second.bill == Bill(10 * MEBIBYTE, 0, 0.0)
    assert (second.table, second.job_id) == (first.table, first.job_id)
    assert second.result_id != first.result_id
    [told] = door.books.audit.of_kind("cache")
    assert (told.turn_id, told.job_id, told.bytes_billed, told.payers.user) == ("2", first.job_id, None, "U2")


async def test_a_turn_that_comes_again_meets_its_own_job_and_shows_its_own_bill(door: Door) -> None:
    first = await door.ask(SQL, "1")
    again = await door.ask(SQL, "1")
    assert (again.ran_at, again.bill, again.result_id) == (None, first.bill, first.result_id)


CHANGES = {
    "rows": (ORDERS, TableState(ORDERS, "TABLE", EARLY + timedelta(seconds=1), rows=1)),
    "rows that ran out of time": (ORDERS, TableState(ORDERS, "TABLE", EARLY, rows=0)),
    "the view": (VIEW, TableState(VIEW, "VIEW", EARLY, view_query="the other view")),
    "a streaming buffer": (ORDERS, TableState(ORDERS, "TABLE", EARLY, rows=1, may_change_unseen=True)),
    "external": (ORDERS, TableState(ORDERS, "EXTERNAL", EARLY, rows=1)),
    "no time": (ORDERS, TableState(ORDERS, "TABLE", None, rows=1)),
}


@pytest.mark.parametrize("change", CHANGES)
async def test_a_changed_table_is_read_anew(door: Door, change: str) -> None:
    await door.ask(SQL, "1")
    name, door.warehouse.states[name] = CHANGES[change]
    assert (await door.ask(SQL, "2")).ran_at is None
    assert len(door.warehouse.jobs) == 2


async def test_a_table_that_changed_while_the_job_ran_is_read_anew(door: Door) -> None:
    """Also where the job is an old one that a redelivered turn attached to: BigQuery's clock decides."""
    door.warehouse.states[ORDERS] = TableState(ORDERS, "TABLE", datetime.now(UTC) + timedelta(hours=1), rows=1)
    await door.ask(SQL, "1")
    assert not door.runs.by_key
    assert (await door.ask(SQL, "2")).ran_at is None


async def test_what_changes_by_itself_is_never_kept(door: Door) -> None:
    await door.ask(ROLLED, "1")
    assert not door.runs.by_key


async def test_another_policy_starts_anew(door: Door) -> None:
    await door.ask(SQL, "1")
    door.policy_version = "two"
    assert (await door.ask(SQL, "2")).ran_at is None


async def test_nobody_gets_a_result_of_other_rights(door: Door) -> None:
    shown = await door.ask(MAILS, "1", "UBOSS")
    assert shown.table.rows == (("a@b.c",),)
    masked = await door.ask(MAILS, "2", "U1")
    assert (masked.ran_at, masked.table.rows) == (None, (("•••",),))
    again = await door.ask(MAILS, "3", "U2")
    assert again.ran_at is not None
    assert again.table.rows == (("•••",),)
    kept = await door.results.load(again.result_id or "")
    assert kept is not None
    assert kept.masked_columns == ("email",)


async def test_a_room_gets_its_own_version_and_the_asker_theirs(door: Door) -> None:
    await door.ask(MAILS, "1", "UBOSS", in_channel=True)
    again = await door.ask(MAILS, "2", "UBOSS", in_channel=True)
    assert again.ran_at is not None
    assert again.table.rows == (("•••",),)
    fuller = await door.runner.fuller(again.fuller_id or "", "UBOSS")
    assert fuller is not None
    assert fuller.table.rows == (("a@b.c",),)
    assert (await door.ask(MAILS, "3", "UBOSS")).ran_at is None


async def test_money_has_no_say_about_what_is_there_already(door: Door) -> None:
    with pytest.raises(QueryRefused):
        await door.ask(DEAR, "1")
    check = await door.runner.check(DEAR, request("1"))
    assert isinstance(check.decision, NeedApproval)
    approval_id = await door.runner.request_approval(check, request("1"))
    decided = await door.approvals.decide(approval_id, "U2", approve=True)
    assert decided is not None
    await door.runner.run(DEAR, request("2"), approved=decided.approval)
    assert (await door.runner.check(DEAR, request("3"))).decision == Allow()
    assert (await door.ask(DEAR, "3")).ran_at is not None
    assert len(door.warehouse.jobs) == 1


async def test_who_asks_for_a_fresh_result_gets_one_and_later_questions_too(door: Door) -> None:
    first = await door.ask(SQL, "1")
    fresh = await door.ask(SQL, "2", is_fresh=True)
    assert fresh.ran_at is None
    assert [job.use_cache for job in door.warehouse.asked_to_run] == [True, False]
    third = await door.ask(SQL, "3")
    assert third.job_id == fresh.job_id != first.job_id


async def test_nothing_older_than_the_setting_is_served(door: Door) -> None:
    await door.ask(SQL, "1")
    door.later = timedelta(days=1, seconds=1)
    assert (await door.ask(SQL, "2")).ran_at is None


async def test_a_result_that_is_kept_in_part_does_not_stand_for_the_whole(door: Door) -> None:
    first = await door.ask(SQL, "1")
    kept = await door.results.load(first.result_id or "")
    assert kept is not None
    await door.results.keep(replace(kept, table=replace(kept.table, total_rows=2)))
    assert (await door.ask(SQL, "2")).ran_at is None


async def test_tables_that_cannot_be_looked_at_are_read(door: Door) -> None:
    await door.ask(SQL, "1")
    door.warehouse.broken_tables.add(ORDERS)
    assert (await door.ask(SQL, "2")).ran_at is None


class Shop:
    """Asks, and knows what the answer is now: every change gives every table another content."""

    def __init__(self) -> None:
        self.door = Door()
        self.turns = count(1)
        self.changes = 0
        self.change("a table")

    def change(self, what: str) -> None:
        self.changes += 1
        moment = EARLY + timedelta(seconds=self.changes)
        if what == "the view":
            self.door.warehouse.states[VIEW] = TableState(VIEW, "VIEW", moment, view_query="the view")
        for name in (ORDERS, USERS) if what == "a table" else (USERS,):
            self.door.warehouse.states[name] = TableState(name, "TABLE", moment, rows=1)
        for sql, table in ((SQL, ORDERS), (MAILS, USERS)):
            column = "email" if sql == MAILS else "n"
            rows = table_of([(column, "STRING")], (f"content {self.changes}",))
            self.door.warehouse.knows(sql, Statement(rows, MEBIBYTE, (table,)))

    async def ask(self, sql: str, user: str, *, is_fresh: bool, in_channel: bool) -> None:
        asked = request(str(next(self.turns)), user, is_fresh=is_fresh, in_channel=in_channel)
        outcome = await self.door.runner.run(sql, asked)
        content = f"content {self.changes}"
        is_shown = sql == SQL or (user == "UBOSS" and not in_channel)
        assert outcome.table.rows == ((content if is_shown else "•••",),)
        if outcome.fuller_id is not None:
            fuller = await self.door.runner.fuller(outcome.fuller_id, user)
            assert fuller is not None
            assert fuller.table.rows == ((content,),)


ASKED = st.tuples(st.sampled_from([SQL, MAILS]), st.sampled_from(["U1", "UBOSS"]), st.booleans(), st.booleans())
CHANGED = st.sampled_from(["a table", "the view", "the policy"])


@settings(max_examples=25, deadline=None)
@given(st.lists(st.one_of(ASKED, ASKED, CHANGED), max_size=12))
async def test_whatever_happens_everybody_reads_what_is_there_now_and_what_is_theirs(events: list[object]) -> None:
    shop = Shop()
    for event in events:
        match event:
            case (str(sql), str(user), bool(is_fresh), bool(in_channel)):
                await shop.ask(sql, user, is_fresh=is_fresh, in_channel=in_channel)
            case "the policy":
                shop.door.policy_version += "'"
            case _:
                shop.change(str(event))
