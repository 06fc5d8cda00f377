"""The cache with everything real but its stores: gate, Google's parser, the genuine client, and counted jobs."""

from datetime import UTC, datetime, timedelta

import pytest

from agent.policy.access import NoRights
from agent.policy.cost import CostLimits
from agent.policy.policy_file import read_policy
from agent.query import QueryOutcome, QueryPolicy, QueryRunner
from agent.result_cache import ResultCache
from agent.sql.gate import Gate
from agent.sql.repeatable import RepeatableReader
from agent.sql.rules import GateRules
from agent.turn import Member
from tests.fakes.access import real_access
from tests.fakes.approvals import FakeApprovals
from tests.fakes.cashier import cashier_at
from tests.fakes.kept_runs import FakeKeptRuns
from tests.fakes.results import FakeResults
from tests.local.shop_at_the_door import PROJECT, Shop, Views, asked, shop, views

__all__ = ["shop", "views"]

pytestmark = pytest.mark.asyncio(loop_scope="module")

POLICY = read_policy("{version: 1, grants: [{to: everyone, read: [shop, web, reporting]}]}", PROJECT)
COUNT = "SELECT COUNT(*) AS n FROM shop.orders"


class Door:
    def __init__(self, shop: Shop) -> None:
        results, warehouse = FakeResults(), shop.warehouse
        self._service = shop.service
        self.runner = QueryRunner(
            gate=Gate(shop.engine, GateRules(NoRights(), PROJECT)),
            warehouse=warehouse,
            policy=QueryPolicy(PROJECT, CostLimits(1 << 50, auto_execute_max_cost_usd=1e9)),
            approvals=FakeApprovals(),
            results=results,
            cashier=cashier_at(warehouse),
            access=real_access(warehouse, shop.engine, POLICY, project=PROJECT),
            cache=ResultCache(
                runs=FakeKeptRuns(),
                results=results,
                repeatable=RepeatableReader(shop.engine, PROJECT),
                states=warehouse,
                policy_version=lambda: "one",
                default_project=PROJECT,
                max_age=timedelta(days=1),
                max_rows=1000,
                now=lambda: datetime.now(UTC),
            ),
        )

    async def ask(self, sql: str) -> tuple[QueryOutcome, int]:
        """What came of it, and how many jobs that took."""
        before = len(self._service.jobs)
        outcome = await self.runner.run(sql, asked(Member("UANN")))
        return outcome, len(self._service.jobs) - before


@pytest.fixture
def door(shop: Shop) -> Door:
    return Door(shop)


async def test_the_same_statement_is_one_job_until_its_table_changes(door: Door, shop: Shop) -> None:
    first, ran = await door.ask(COUNT)
    assert ran == 1
    second, ran = await door.ask(COUNT)
    assert ran == 0
    assert (second.table, second.job_id, second.bill.bytes_billed) == (first.table, first.job_id, 0)
    shop.service.touch(f"{PROJECT}.shop.orders")
    assert (await door.ask(COUNT))[1] == 1
    assert (await door.ask(COUNT))[1] == 0


async def test_a_view_and_every_table_behind_it_count(door: Door, shop: Shop, views: Views) -> None:
    await views.put("reporting.inner", "SELECT order_id, status FROM `demo-proj.shop.orders`")
    await views.put("reporting.outer", "SELECT status FROM `demo-proj.reporting.inner`")
    sql = "SELECT COUNT(*) AS n FROM reporting.outer"
    assert [(await door.ask(sql))[1] for _ in range(2)] == [1, 0]
    shop.service.touch(f"{PROJECT}.shop.orders")
    assert [(await door.ask(sql))[1] for _ in range(2)] == [1, 0]
    await views.change("reporting.inner", "SELECT order_id, status FROM `demo-proj.shop.orders` WHERE order_id < 10")
    changed, ran = await door.ask(sql)
    assert ran == 1
    assert changed.table.rows != (await door.ask(COUNT))[0].table.rows


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT COUNT(*) AS n FROM shop.orders WHERE created_at < CURRENT_TIMESTAMP()",
        "SELECT COUNT(*) AS n FROM shop.orders WHERE RAND() < 2",
        "SELECT COUNT(*) AS n FROM `web.events_*`",
    ],
)
async def test_what_may_change_unseen_runs_each_time(door: Door, sql: str) -> None:
    assert [(await door.ask(sql))[1] for _ in range(2)] == [1, 1]


async def test_a_view_that_changes_by_itself_runs_each_time(door: Door, views: Views) -> None:
    await views.put(
        "reporting.recent", "SELECT order_id FROM `demo-proj.shop.orders` WHERE created_at < CURRENT_TIMESTAMP()"
    )
    assert [(await door.ask("SELECT COUNT(*) AS n FROM reporting.recent"))[1] for _ in range(2)] == [1, 1]
