"""QueryRunner with a gate that is scripted, and a warehouse, approvals and results that remember."""

import asyncio
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest

from agent.bigquery.pricing import MEBIBYTE, OnDemandPrice
from agent.bigquery.warehouse import ColumnInfo, TableInfo
from agent.cashier import Cashier
from agent.errors import InvalidQuery, JobFailed, WarehouseUnavailable
from agent.notice import Notice
from agent.policy.approvals import Approval
from agent.policy.cost import CostLimits
from agent.policy.decision import Allow, Deny, NeedApproval
from agent.query import Check, QueryOutcome, QueryPolicy, QueryRefused, QueryRequest, QueryRunner
from agent.sql.verdict import Verdict
from agent.turn import Actor, Audience, Bill
from tests.fakes.access import access_of, everyone_reads
from tests.fakes.approvals import FakeApprovals
from tests.fakes.budgets import FakeBudgets
from tests.fakes.cashier import cashier_at
from tests.fakes.results import FakeResults
from tests.fakes.warehouse import FakeWarehouse, Statement, table_of

NOW = datetime(2026, 1, 5, 9, tzinfo=UTC)
CHEAP, DEAR = "SELECT COUNT(*) FROM shop.orders", "SELECT * FROM shop.orders"
ORDERS = "demo.shop.orders"
TABLES = [TableInfo(name, (ColumnInfo("n", "INT64"),)) for name in (ORDERS, "demo.shop.users")]
COUNT = table_of([("n", "INT64")], (42,))
REQUEST = QueryRequest(
    turn_id="message:T1:C1:1.0",
    conversation="T1:C1:1.0",
    actor=Actor("U1", "T1"),
    audience=Audience("channel", "C1"),
    question="How many?",
)


class ScriptedGate:
    def __init__(self) -> None:
        self.verdicts: dict[str, Verdict] = {}

    def says(self, sql: str, decision: str, *codes: str, syntax_error: str | None = None) -> None:
        reasons = tuple(Notice(code) for code in codes)
        self.verdicts[sql] = Verdict(sql, decision, reasons, syntax_error=syntax_error)  # type: ignore[arg-type]

    async def check(self, sql: str, rights: object = None) -> Verdict:
        return self.verdicts.get(sql, Verdict(sql, "allow", ()))


@dataclass
class Door:
    gate: ScriptedGate
    warehouse: FakeWarehouse
    approvals: FakeApprovals
    results: FakeResults
    books: FakeBudgets
    cashier: Cashier
    pauses: list[float]
    runner: QueryRunner

    async def approve(self, sql: str, by: str = "U2") -> Approval:
        check = await self.runner.check(sql, REQUEST)
        approval_id = await self.runner.request_approval(check, REQUEST)
        decided = await self.approvals.decide(approval_id, by, approve=True)
        assert decided is not None
        return decided.approval


@pytest.fixture
def door() -> Door:
    gate, warehouse, pauses = ScriptedGate(), FakeWarehouse(), list[float]()
    approvals, results = FakeApprovals(lambda: NOW), FakeResults(lambda: NOW)
    books = FakeBudgets()
    cashier = cashier_at(warehouse, books, now=lambda: NOW)
    count = table_of([("n", "INT64")], (42,))
    warehouse.knows(CHEAP, Statement(count, 5 * MEBIBYTE, (ORDERS,)))
    warehouse.knows(DEAR, Statement(count, 1000 * MEBIBYTE, (ORDERS,)))

    async def pause(seconds: float) -> None:
        pauses.append(seconds)

    policy = QueryPolicy(
        default_project="demo",
        limits=CostLimits(max_bytes_billed=2000 * MEBIBYTE, auto_execute_max_cost_usd=0.001, price=OnDemandPrice(6.25)),
    )
    runner = QueryRunner(
        access=access_of(everyone_reads("shop", project="demo"), project="demo", tables=TABLES),
        gate=gate, warehouse=warehouse, policy=policy, approvals=approvals, results=results, cashier=cashier,
        now=lambda: NOW, pause=pause,
    )  # fmt: skip
    return Door(gate, warehouse, approvals, results, books, cashier, pauses, runner)


async def refused(door: Door, sql: str, approved: Approval | None = None) -> list[str]:
    with pytest.raises(QueryRefused) as caught:
        await door.runner.run(sql, REQUEST, approved=approved)
    assert caught.value.notice.code == caught.value.reasons[0].code
    return [reason.code for reason in caught.value.reasons]


async def test_a_cheap_read_is_checked_run_and_kept(door: Door) -> None:
    outcome = await door.runner.run(CHEAP, REQUEST)
    assert outcome.table.rows == ((42,),)
    assert outcome.bill == Bill(10 * MEBIBYTE, 10 * MEBIBYTE, pytest.approx(6.25 * 10 / 2**20))
    assert outcome.tables == (ORDERS,)
    stored = await door.results.load(outcome.result_id)
    assert stored is not None
    assert (stored.turn_id, stored.sql, stored.table) == (REQUEST.turn_id, CHEAP, outcome.table)
    assert stored.expires_at == NOW + timedelta(days=30)


async def test_every_job_carries_its_cap_its_labels_and_a_timeout(door: Door) -> None:
    request = replace(REQUEST, actor=Actor("U1", "Ünïcode Team!" * 9))
    await door.runner.run(CHEAP, request)
    job = door.warehouse.asked_to_run[0]
    assert job.maximum_bytes_billed == 2000 * MEBIBYTE
    assert job.timeout_seconds == 120
    assert set(job.labels) == {"app", "team", "channel", "user", "turn", "fingerprint"}
    assert "u1" not in job.labels["user"]
    for value in job.labels.values():
        assert 0 < len(value) <= 63
        assert value == value.lower()
        assert all((letter.isalnum() and letter.isascii()) or letter in "_-" for letter in value)


async def test_the_same_turn_again_meets_the_same_job(door: Door) -> None:
    first = await door.runner.run(CHEAP, REQUEST)
    second = await door.runner.run(CHEAP, REQUEST)
    assert first.job_id == second.job_id
    assert first.result_id == second.result_id
    assert len(door.warehouse.jobs) == 1
    assert first.job_id.startswith("databolt_")
    assert len(first.job_id) == len("databolt_") + 32


async def test_another_turn_or_statement_is_another_job(door: Door) -> None:
    other = replace(REQUEST, turn_id="message:T1:C1:2.0")
    door.warehouse.knows(CHEAP + " ", Statement())
    for sql, request in [(CHEAP, REQUEST), (CHEAP, other), (CHEAP + " ", REQUEST)]:
        await door.runner.run(sql, request)
    assert len(door.warehouse.jobs) == 3


async def test_what_the_gate_denies_is_not_even_priced(door: Door) -> None:
    door.gate.says(CHEAP, "deny", "deny.table", "approval.recursive")
    check = await door.runner.check(CHEAP, REQUEST)
    assert check.decision == Deny((Notice("deny.table"), Notice("approval.recursive")))
    assert (check.bytes_estimated, check.cost_usd) == (None, None)
    assert door.warehouse.dry_runs == []
    assert await refused(door, CHEAP) == ["deny.table", "approval.recursive"]
    assert door.warehouse.asked_to_run == []


async def test_a_text_that_is_not_sql_is_an_invalid_query_in_the_engines_words(door: Door) -> None:
    door.gate.says("SELEKT", "deny", "deny.syntax", syntax_error="Syntax error: Unexpected identifier")
    with pytest.raises(InvalidQuery) as caught:
        await door.runner.check("SELEKT", REQUEST)
    assert caught.value.detail == "Syntax error: Unexpected identifier"


@pytest.mark.parametrize(
    ("statement", "decision", "code"),
    [
        (Statement(statement_type="INSERT", tables=(ORDERS,)), Deny, "deny.not_a_read"),
        (Statement(statement_type=""), Deny, "deny.not_a_read"),
        (Statement(tables=(ORDERS, "demo.hr.salaries")), Deny, "deny.table"),
        (Statement(tables=(ORDERS,), routines=("demo.shop.f",)), Deny, "deny.routine"),
        (Statement(bytes_processed=3000 * MEBIBYTE, tables=(ORDERS,)), Deny, "deny.bytes_cap"),
        (Statement(tables=(ORDERS,), accuracy="LOWER_BOUND"), NeedApproval, "approval.cost_unknown"),
        (Statement(bytes_processed=1000 * MEBIBYTE, tables=(ORDERS,)), NeedApproval, "approval.cost"),
    ],
)
async def test_the_dry_run_must_agree(door: Door, statement: Statement, decision: type, code: str) -> None:
    door.warehouse.knows(CHEAP, statement)
    check = await door.runner.check(CHEAP, REQUEST)
    assert type(check.decision) is decision
    assert check.reasons[0].code == code
    assert (await refused(door, CHEAP))[0] == code
    assert door.warehouse.jobs == {}


async def test_fifty_tables_are_more_than_bigquery_lists(door: Door) -> None:
    tables = tuple(f"demo.shop.t{n}" for n in range(50))
    door.warehouse.knows(CHEAP, Statement(tables=tables))
    assert "approval.many_tables" in [reason.code for reason in (await door.runner.check(CHEAP, REQUEST)).reasons]


async def test_every_reason_of_gate_and_price_is_kept(door: Door) -> None:
    door.gate.says(DEAR, "approval", "approval.recursive")
    check = await door.runner.check(DEAR, REQUEST)
    assert [reason.code for reason in check.reasons] == ["approval.recursive", "approval.cost"]


async def test_an_approval_holds_the_exact_statement_and_its_ceiling(door: Door) -> None:
    check = await door.runner.check(DEAR, REQUEST)
    approval_id = await door.runner.request_approval(check, REQUEST)
    assert await door.runner.request_approval(check, REQUEST) == approval_id
    (approval,) = await door.approvals.pending(REQUEST.conversation)
    asked = approval.request
    assert (asked.sql, asked.fingerprint, asked.tables) == (DEAR, check.fingerprint, (ORDERS,))
    assert asked.bytes_ceiling == 1100 * MEBIBYTE
    assert asked.cost_ceiling_usd == pytest.approx(6.25 * 1100 / 2**20)
    assert asked.expires_at == NOW + timedelta(hours=1)


async def test_an_approved_query_runs_once_whoever_presses(door: Door) -> None:
    approval = await door.approve(DEAR)
    for turn_id in ("click:1", "click:1", "click:2"):
        await door.runner.run(DEAR, replace(REQUEST, turn_id=turn_id), approved=approval)
    (job,) = door.warehouse.jobs.values()
    assert job.job.maximum_bytes_billed == 1100 * MEBIBYTE


async def test_an_approval_lets_run_what_it_names_and_nothing_else(door: Door) -> None:
    approval = await door.approve(DEAR)
    other = DEAR + " "
    door.warehouse.knows(other, Statement(COUNT, 1000 * MEBIBYTE, (ORDERS,)))
    assert await refused(door, other, approval) == ["approval.void_statement"]


async def test_an_approval_is_void_when_the_price_the_tables_or_the_columns_drift(door: Door) -> None:
    approval = await door.approve(DEAR)
    door.warehouse.knows(DEAR, Statement(COUNT, 1100 * MEBIBYTE, (ORDERS,)))
    await door.runner.run(DEAR, REQUEST, approved=approval)  # a little growth is covered
    door.warehouse.knows(DEAR, Statement(COUNT, 1101 * MEBIBYTE, (ORDERS,)))
    assert await refused(door, DEAR, approval) == ["approval.void_price"]
    door.warehouse.knows(DEAR, Statement(COUNT, 1000 * MEBIBYTE, (ORDERS, "demo.shop.users")))
    assert await refused(door, DEAR, approval) == ["approval.void_tables"]
    # The view below the statement was defined anew: the same tables and bytes, other columns.
    renamed = table_of([("n", "INT64"), ("email", "STRING")], (42, "a@b.c"))
    door.warehouse.knows(DEAR, Statement(renamed, 1000 * MEBIBYTE, (ORDERS,)))
    with pytest.raises(QueryRefused) as caught:
        await door.runner.run(DEAR, REQUEST, approved=approval)
    assert caught.value.reasons == (Notice("approval.void_columns", {"changes": "+ email STRING"}),)


async def test_no_approval_lifts_a_denial(door: Door) -> None:
    approval = await door.approve(DEAR)
    door.gate.says(DEAR, "deny", "deny.table")
    assert await refused(door, DEAR, approval) == ["deny.table"]


async def test_only_a_given_approval_counts(door: Door) -> None:
    check = await door.runner.check(DEAR, REQUEST)
    approval_id = await door.runner.request_approval(check, REQUEST)
    pending = await door.approvals.get(approval_id)
    assert await refused(door, DEAR, pending) == ["approval.not_granted"]
    assert door.warehouse.jobs == {}


async def test_a_job_that_bigquery_gave_up_is_run_again_under_a_new_id(door: Door) -> None:
    door.warehouse.fail_next_jobs(JobFailed("backend", reason="backendError"), JobFailed("again"))
    outcome = await door.runner.run(CHEAP, REQUEST)
    assert outcome.table.rows == ((42,),)
    assert len(door.warehouse.jobs) == 3
    assert door.pauses == [2.0, 4.0]
    # After a restart the walk meets the spent jobs, inserts nothing new, and ends at the same result.
    assert (await door.runner.run(CHEAP, REQUEST)).job_id == outcome.job_id
    assert len(door.warehouse.jobs) == 3


async def test_a_job_that_fails_for_good_is_told(door: Door) -> None:
    door.warehouse.fail_next_jobs(*(JobFailed("backend") for _ in range(3)))
    with pytest.raises(JobFailed):
        await door.runner.run(CHEAP, REQUEST)
    assert len(door.warehouse.jobs) == 3


async def test_an_outage_does_not_spend_a_job_id(door: Door) -> None:
    door.warehouse.fail_next_jobs(WarehouseUnavailable("refused"))
    with pytest.raises(WarehouseUnavailable):
        await door.runner.run(CHEAP, REQUEST)
    assert len(door.warehouse.jobs) == 1


async def test_the_job_of_a_drained_daemon_is_attached_to_by_the_redelivered_turn(door: Door) -> None:
    door.warehouse.hold()
    running = asyncio.create_task(door.runner.run(CHEAP, REQUEST), name="run")
    await door.warehouse.inserted.wait()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    door.warehouse.release()
    outcome = await door.runner.run(CHEAP, REQUEST)
    assert len(door.warehouse.jobs) == 1
    assert outcome.table.rows == ((42,),)


async def test_a_stopped_turn_ends_its_job_and_no_other(door: Door) -> None:
    door.warehouse.hold()
    running = asyncio.create_task(door.runner.run(CHEAP, REQUEST), name="run")
    await door.warehouse.inserted.wait()
    await door.runner.stop("another turn")
    assert not any(job.is_cancelled for job in door.warehouse.jobs.values())
    running.cancel()
    await asyncio.wait([running])
    await door.runner.stop(REQUEST.turn_id)
    assert all(job.is_cancelled for job in door.warehouse.jobs.values())


async def test_a_finished_turn_has_nothing_to_stop(door: Door) -> None:
    await door.runner.run(CHEAP, REQUEST)
    await door.runner.stop(REQUEST.turn_id)
    assert not any(job.is_cancelled for job in door.warehouse.jobs.values())


async def test_a_check_says_what_an_outcome_will(door: Door) -> None:
    check: Check = await door.runner.check(CHEAP, REQUEST)
    outcome: QueryOutcome = await door.runner.run(CHEAP, REQUEST)
    assert outcome.check == check
    assert check.decision == Allow()
    assert [column.name for column in check.schema] == ["n"]
