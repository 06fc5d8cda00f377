"""The dry run without a network: the engine's own words, and no word where it cannot know."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from agent.bigquery.warehouse import ColumnInfo, TableInfo
from agent.evals.golden import load_golden
from agent.sql.analysis import Analysed, OfflineAnalysis
from agent.sql.googlesql.thread import EngineThread
from bot.local.bigquery.demo.shop import demo_project

pytestmark = pytest.mark.asyncio(loop_scope="module")


def shop_tables() -> tuple[TableInfo, ...]:
    """The demo shop as the catalogue describes it: its daily shards folded."""
    tables: dict[str, TableInfo] = {}
    for table in demo_project().tables:
        spec = table.spec
        is_shard = spec.name[-8:].isdigit()
        name = f"demo-proj.{spec.dataset}.{spec.name[:-8]}*" if is_shard else f"demo-proj.{spec.dataset}.{spec.name}"
        suffix = (ColumnInfo("_TABLE_SUFFIX", "STRING"),) if is_shard else ()
        tables[name] = TableInfo(name, (*(ColumnInfo(c.name, c.type) for c in spec.columns), *suffix))
    return tuple(tables.values())


TABLES = shop_tables()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def analysis(googlesql_cache: Path) -> AsyncIterator[OfflineAnalysis]:
    async with EngineThread(googlesql_cache) as engine:
        yield OfflineAnalysis(engine, "demo-proj")


@pytest.mark.parametrize("suite", ["demo", "sql"])
async def test_what_bigquery_runs_is_found_right(analysis: OfflineAnalysis, suite: str):
    golden = await asyncio.to_thread(load_golden, suite)
    wrong = {case.id: found for case in golden if (found := await analysis.problem(case.sql, TABLES))}
    assert (len(golden) >= 30, wrong) == (True, {})


@pytest.mark.parametrize(
    ("sql", "error", "is_syntax"),
    [
        ("SELECT stauts FROM shop.orders", "Unrecognized name: stauts; Did you mean status?", False),
        ("SELECT orders.revenue FROM `demo-proj.shop.orders`", "Name revenue not found inside orders", False),
        ("SELECT status, COUNT(*) FROM shop.orders", "neither grouped nor aggregated", False),
        ("SELECT 1 FROM shop.users WHERE country > 5", "No matching signature for operator >", False),
        ("SELECT FROM shop.orders", "Syntax error", True),
        ("Here is your query: SELECT 1", "Syntax error", True),
    ],
)
async def test_what_does_not_analyse_is_told_in_the_engines_words(
    analysis: OfflineAnalysis, sql: str, error: str, is_syntax: bool
):
    found = await analysis.problem(sql, TABLES)
    assert found is not None
    assert error in found.error
    assert found.is_syntax is is_syntax


async def test_a_table_that_its_dataset_does_not_have_is_missing(analysis: OfflineAnalysis):
    found = await analysis.problem("SELECT 1 FROM shop.order", TABLES)
    assert found == Analysed("Not found: Table shop.order", missing_table="shop.order")


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT orders.status FROM `demo-proj.shop.orders`",
        "SELECT o.status FROM demo-proj.shop.orders AS o",
        "SELECT event_name FROM `web.events_2025*` WHERE _TABLE_SUFFIX = '1201'",
        "SELECT event_name FROM `demo-proj.web.events_20251201`",
        "SELECT _PARTITIONDATE FROM shop.orders",
        "WITH orders AS (SELECT 1 AS one) SELECT one FROM orders",
        "SELECT MAX_BY(user_id, created_at) FROM shop.orders",
        "SELECT order_id FROM shop.orders QUALIFY RANK() OVER (ORDER BY order_id) < (SELECT MAX(id) FROM shop.users)",
    ],
)
async def test_every_way_to_name_a_table_is_understood(analysis: OfflineAnalysis, sql: str):
    assert await analysis.problem(sql, TABLES) is None


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT x FROM elsewhere.t",
        "SELECT x FROM other-proj.shop.orders",
        "SELECT * FROM shop.INFORMATION_SCHEMA.TABLES",
        "DROP TABLE shop.orders",
        "CREATE TEMP FUNCTION f(x INT64) AS (x); SELECT f(1)",
        "SELECT '\ud800'",
        f"SELECT {'(' * 3000}1{')' * 3000}",
    ],
)
async def test_what_it_cannot_know_is_left_to_others(analysis: OfflineAnalysis, sql: str):
    assert await analysis.problem(sql, TABLES) is None


async def test_a_column_of_a_type_that_it_does_not_know_silences_it(analysis: OfflineAnalysis):
    odd = (TableInfo("demo-proj.shop.odd", (ColumnInfo("x", "HOLOGRAM"),)),)
    assert await analysis.problem("SELECT y FROM shop.odd", odd) is None


async def test_without_the_engine_nothing_is_said(tmp_path: Path):
    blocked = tmp_path / "file"
    blocked.write_text("no folder")
    async with EngineThread(blocked) as engine:
        assert await OfflineAnalysis(engine, "demo-proj").problem("SELECT 1 FORM x", TABLES) is None
