"""The whole door at once: the real gate, the genuine client, the local BigQuery with the demo shop."""

import asyncio
import tempfile
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest

from agent.bigquery.client import BigQueryWarehouse
from agent.bigquery.warehouse import ColumnInfo, TableInfo
from agent.errors import InvalidQuery
from agent.policy.access import NoRights
from agent.policy.cost import CostLimits
from agent.policy.decision import Allow, Deny, NeedApproval
from agent.query import QueryPolicy, QueryRefused, QueryRequest, QueryRunner
from agent.sql.gate import Gate
from agent.sql.googlesql.thread import EngineThread
from agent.sql.rules import GateRules
from agent.sql.twins import rewrites_of
from agent.turn import Actor, Audience
from bot.local.bigquery.credentials import write_credentials
from bot.local.bigquery.service import LocalBigQuery
from tests.fakes.access import everyone_reads, real_access
from tests.fakes.approvals import FakeApprovals
from tests.fakes.cashier import cashier_at
from tests.fakes.results import FakeResults

ACCESS = everyone_reads("shop", "web", project="demo-proj")
REVENUE = "SELECT status, SUM(sale_price) AS revenue FROM shop.order_items GROUP BY status ORDER BY status"
REQUEST = QueryRequest("message:T1:C1:1.0", "T1:C1:1.0", Actor("U1", "T1"), Audience("channel", "C1"), "Revenue?")


@dataclass
class Door:
    runner: QueryRunner
    service: LocalBigQuery
    approvals: FakeApprovals
    results: FakeResults


@pytest.fixture
async def door(googlesql_cache: Path) -> AsyncIterator[Door]:
    approvals, results = FakeApprovals(), FakeResults()
    with tempfile.TemporaryDirectory() as folder:
        key = Path(folder) / "key.json"
        async with LocalBigQuery(googlesql_cache).serving() as service, EngineThread(googlesql_cache) as engine:
            await asyncio.to_thread(write_credentials, key)
            opened = BigQueryWarehouse.open("demo-proj", "US", api_endpoint=service.url, credentials_path=key)
            async with opened as warehouse:
                policy = QueryPolicy("demo-proj", CostLimits(1 << 30, auto_execute_max_cost_usd=0.0001))
                gate = Gate(engine, GateRules(NoRights(), "demo-proj"))
                runner = QueryRunner(
                    gate=gate,
                    warehouse=warehouse,
                    policy=policy,
                    approvals=approvals,
                    results=results,
                    cashier=cashier_at(warehouse),
                    access=real_access(warehouse, engine, ACCESS, project="demo-proj"),
                )
                yield Door(runner, service, approvals, results)


async def test_a_read_is_priced_run_once_and_kept(door: Door) -> None:
    check = await door.runner.check(REVENUE, REQUEST)
    assert check.decision == Allow()
    first = await door.runner.run(REVENUE, REQUEST)
    second = await door.runner.run(REVENUE, REQUEST)
    assert first.table == second.table
    assert [column.name for column in first.table.columns] == ["status", "revenue"]
    assert first.tables == ("demo-proj.shop.order_items",)
    assert first.bill.bytes_billed == first.bill.bytes_estimated == 10 << 20
    assert list(door.service.jobs) == [first.job_id]
    assert [kept.job_id for kept in door.results.kept] == [first.job_id]


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM hr.salaries",
        "DROP TABLE shop.orders",
        "SELECT COUNT(*) FROM shop.orders; DELETE FROM shop.orders WHERE TRUE",
        "FROM shop.orders |> INSERT INTO shop.orders",
        "WITH orders AS (SELECT * FROM shop.orders) SELECT (SELECT MAX(x) FROM `demo-proj.hr.salaries`) FROM orders",
    ],
)
async def test_what_is_no_granted_read_never_reaches_bigquery(door: Door, sql: str) -> None:
    assert isinstance((await door.runner.check(sql, REQUEST)).decision, Deny)
    with pytest.raises(QueryRefused):
        await door.runner.run(sql, REQUEST)
    assert door.service.jobs == {}


async def test_a_wrong_column_comes_back_in_bigquerys_words(door: Door) -> None:
    with pytest.raises(InvalidQuery, match="Unrecognized name: revenu"):
        await door.runner.check("SELECT revenu FROM shop.order_items", REQUEST)


async def test_what_costs_more_waits_for_a_person_and_then_runs_once(door: Door) -> None:
    sql = "SELECT COUNT(*) AS n FROM shop.orders AS o JOIN shop.users AS u ON o.user_id = u.id"
    check = await door.runner.check(sql, REQUEST)
    assert isinstance(check.decision, NeedApproval)
    with pytest.raises(QueryRefused):
        await door.runner.run(sql, REQUEST)
    approval_id = await door.runner.request_approval(check, REQUEST)
    decided = await door.approvals.decide(approval_id, "U2", approve=True)
    assert decided is not None
    outcomes = [
        await door.runner.run(
            sql, QueryRequest(turn, "c", Actor("U2", "T1"), REQUEST.audience, ""), approved=decided.approval
        )
        for turn in ("click:1", "click:2")
    ]
    assert outcomes[0].table == outcomes[1].table
    assert len(door.service.jobs) == 1


async def test_every_cheaper_twin_passes_the_same_door_and_none_changes_what_is_read(door: Door) -> None:
    dear = "SELECT * FROM shop.orders WHERE created_at >= '2025-01-01' AND created_at < '2026-01-01' ORDER BY order_id"
    columns = (
        "order_id",
        "user_id",
        "status",
        "created_at",
        "shipped_at",
        "delivered_at",
        "returned_at",
        "num_of_item",
    )
    tables = (TableInfo("demo-proj.shop.orders", tuple(ColumnInfo(name, "INT64") for name in columns)),)
    twins = rewrites_of(dear, tables, "demo-proj", date(2026, 1, 15))
    assert [twin.gives_up.code for twin in twins] == ["twin.period", "twin.columns", "twin.sample"]
    for twin in twins:
        check = await door.runner.check(twin.sql, REQUEST)
        assert not isinstance(check.decision, Deny), (twin.gives_up.code, check.reasons)
        assert check.tables == ("demo-proj.shop.orders",)
