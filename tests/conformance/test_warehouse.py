"""What every `Warehouse` promises: on the fake, and on the genuine client against the local BigQuery."""

import asyncio
import math
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from agent.bigquery.client import BigQueryWarehouse
from agent.bigquery.pricing import MEBIBYTE
from agent.bigquery.warehouse import ColumnInfo, Job, TableInfo, Warehouse
from agent.errors import BytesBilledExceeded, InvalidQuery, JobCancelled, JobFailed, ResultGone, WarehouseError
from agent.turn import Column, Table
from bot.local.bigquery.credentials import write_credentials
from bot.local.bigquery.service import LocalBigQuery
from tests.fakes.warehouse import FakeWarehouse, Statement, table_of

COUNT = "SELECT COUNT(*) AS n FROM shop.orders"
NONE = "SELECT n FROM UNNEST([1]) AS n WHERE n > 1"
THREE = "SELECT n FROM UNNEST([1, 2, 3]) AS n ORDER BY n"
TYPES = """
SELECT 9223372036854775807 AS i, 0.1 AS f, TRUE AS b, '가' AS s, b'\\x00\\xff' AS y, NUMERIC '12.500000001' AS m,
  DATE '2025-01-01' AS d, TIMESTAMP '2025-01-01 00:00:00+00' AS t, TIMESTAMP '2025-01-01 00:00:00.5+00' AS u,
  DATETIME '2025-01-02 03:04:05' AS dt, TIME '01:02:03' AS c, CAST(NULL AS STRING) AS z, [1, 2] AS a,
  STRUCT('x' AS sku, [1.5] AS prices) AS r, BIGNUMERIC '0.00000000000000000000000000000000000001' AS bn,
  JSON '{"a": [1, 2.5, null]}' AS j, STRUCT(1, 2 AS a, 3 AS a) AS anonymous, '' AS e, CAST('-inf' AS FLOAT64) AS inf,
  INTERVAL '-0-1 4 -25:0:0.5' YEAR TO SECOND AS v, RANGE<DATE> '[2025-01-01, UNBOUNDED)' AS rd,
  RANGE<TIMESTAMP> '[2025-01-01 00:00:00+00, UNBOUNDED)' AS rt, CAST(NULL AS ARRAY<INT64>) AS na,
  CAST('NaN' AS FLOAT64) AS nan
"""
TYPED = Table(
    tuple(
        Column(name, kind)
        for name, kind in [
            ("i", "INT64"), ("f", "FLOAT64"), ("b", "BOOL"), ("s", "STRING"), ("y", "BYTES"), ("m", "NUMERIC"),
            ("d", "DATE"), ("t", "TIMESTAMP"), ("u", "TIMESTAMP"), ("dt", "DATETIME"), ("c", "TIME"), ("z", "STRING"),
            ("a", "ARRAY<INT64>"), ("r", "STRUCT<sku STRING, prices ARRAY<FLOAT64>>"), ("bn", "BIGNUMERIC"),
            ("j", "JSON"), ("anonymous", "STRUCT<_field_1 INT64, a INT64, a_2 INT64>"), ("e", "STRING"),
            ("inf", "FLOAT64"), ("v", "INTERVAL"), ("rd", "RANGE<DATE>"), ("rt", "RANGE<TIMESTAMP>"),
            ("na", "ARRAY<INT64>"), ("nan", "FLOAT64"),
        ]
    ),
    (
        (
            2**63 - 1, 0.1, True, "가", "AP8=", "12.500000001", "2025-01-01", "2025-01-01 00:00:00+00",
            "2025-01-01 00:00:00.500+00", "2025-01-02 03:04:05", "01:02:03", None, [1, 2],
            {"sku": "x", "prices": [1.5]}, "0.00000000000000000000000000000000000001", '{"a":[1,2.5,null]}',
            {"_field_1": 1, "a": 2, "a_2": 3}, "", -math.inf, "-0-1 4 -25:0:0.500", "[2025-01-01, UNBOUNDED)",
            "[2025-01-01 00:00:00+00, UNBOUNDED)", [], math.nan,
        ),
    ),
    1,
)  # fmt: skip
JOB = Job("databolt_1", THREE, maximum_bytes_billed=100 * MEBIBYTE, timeout_seconds=60, labels={"app": "databolt"})


@dataclass
class Bench:
    warehouse: Warehouse
    jobs: Callable[[], dict[str, bool]]
    """Every job that was inserted, by id: whether it was cancelled."""
    hold: Callable[[], None]
    """From now on jobs take long."""
    drop_rows: Callable[[str], None]
    """A day later: the job is there, its rows are not."""


@pytest.fixture
async def fake_bench() -> Bench:
    fake = FakeWarehouse()
    fake.knows(COUNT, Statement(table_of([("n", "INT64")], (7,)), 1000, ("demo-proj.shop.orders",)))
    fake.knows(THREE, Statement(table_of([("n", "INT64")], (1,), (2,), (3,))))
    fake.knows(NONE, Statement(table_of([("n", "INT64")])))
    fake.knows(TYPES, Statement(TYPED))
    column = (ColumnInfo("x", "STRING", "What it is."),)
    fake.datasets = {
        "demo-proj.web": [TableInfo(f"demo-proj.web.events_2025120{day}", column) for day in range(1, 4)],
        "demo-proj.shop": [TableInfo(f"demo-proj.shop.{name}", column, "Tells.") for name in ("customers", "orders")],
    }
    return Bench(fake, lambda: {name: job.is_cancelled for name, job in fake.jobs.items()}, fake.hold, fake.gone.add)


@pytest.fixture
async def local_bench(googlesql_cache: Path, tmp_path: Path) -> AsyncIterator[Bench]:
    async with LocalBigQuery(googlesql_cache).serving() as service:
        key = tmp_path / "key.json"
        await asyncio.to_thread(write_credentials, key)
        opened = BigQueryWarehouse.open("demo-proj", "US", api_endpoint=service.url, credentials_path=key)
        async with opened as warehouse:
            yield Bench(
                warehouse,
                lambda: {name: job.stopped_because is not None for name, job in service.jobs.items()},
                lambda: setattr(service, "delay_seconds", 60.0),
                lambda job_id: setattr(service.jobs[job_id], "rows", None),
            )


@pytest.fixture(params=["fake_bench", "local_bench"])
def bench(request: pytest.FixtureRequest) -> Bench:
    return request.getfixturevalue(request.param)


async def start(bench: Bench, job: Job) -> "asyncio.Task[object]":
    """A run of *job*, once it has reached the warehouse."""
    running = asyncio.create_task(bench.warehouse.run(job), name="run")
    async with asyncio.timeout(20):
        while job.id not in bench.jobs():  # noqa: ASYNC110 - the service is another process for all we know
            await asyncio.sleep(0.01)
    return running


async def until_cancelled(bench: Bench) -> None:
    async with asyncio.timeout(20):
        while bench.jobs() != {JOB.id: True}:  # noqa: ASYNC110 - as above
            await asyncio.sleep(0.01)


async def test_a_dry_run_names_the_statement_its_tables_its_bytes_and_its_schema(bench: Bench) -> None:
    dry_run = await bench.warehouse.dry_run(COUNT)
    assert (dry_run.statement_type, dry_run.accuracy) == ("SELECT", "PRECISE")
    assert dry_run.referenced_tables == ("demo-proj.shop.orders",)
    assert dry_run.schema == (Column("n", "INT64"),)
    assert dry_run.bytes_processed >= 0
    assert bench.jobs() == {}


async def test_what_is_not_sql_is_an_invalid_query_in_bigquerys_words(bench: Bench) -> None:
    with pytest.raises(InvalidQuery, match="Syntax error"):
        await bench.warehouse.dry_run("SELEKT 1")
    with pytest.raises(InvalidQuery, match="Syntax error"):
        await bench.warehouse.run(replace(JOB, sql="SELEKT 1"))


async def test_every_type_arrives_as_its_cell(bench: Bench) -> None:
    ran = await bench.warehouse.run(replace(JOB, sql=TYPES))
    assert ran.table.columns == TYPED.columns
    assert ran.table.rows[0][:-1] == TYPED.rows[0][:-1]
    not_a_number = ran.table.rows[0][-1]
    assert isinstance(not_a_number, float)
    assert math.isnan(not_a_number)


async def test_a_result_is_cut_at_the_rows_asked_for_and_says_how_many_there_are(bench: Bench) -> None:
    table = (await bench.warehouse.run(replace(JOB, max_rows=2))).table
    assert (table.rows, table.total_rows, table.is_truncated) == (((1,), (2,)), 3, True)


async def test_the_whole_of_a_finished_job_is_read_in_pages_as_they_are_asked_for(bench: Bench) -> None:
    await bench.warehouse.run(replace(JOB, max_rows=1))
    pages = bench.warehouse.pages(JOB.id, page_rows=2)
    first = await anext(pages)
    assert (first.columns, first.rows, first.first, first.total_rows) == ((Column("n", "INT64"),), ((1,), (2,)), 0, 3)
    assert [(page.rows, page.first) async for page in pages] == [(((3,),), 2)]
    assert list(bench.jobs()) == [JOB.id]


async def test_a_result_without_rows_is_one_page(bench: Bench) -> None:
    await bench.warehouse.run(replace(JOB, sql=NONE))
    pages = [page async for page in bench.warehouse.pages(JOB.id, page_rows=2)]
    assert [(page.columns, page.rows, page.total_rows) for page in pages] == [((Column("n", "INT64"),), (), 0)]


async def test_rows_that_bigquery_has_dropped_are_gone(bench: Bench) -> None:
    await bench.warehouse.run(JOB)
    bench.drop_rows(JOB.id)
    with pytest.raises(ResultGone):
        await anext(bench.warehouse.pages(JOB.id, page_rows=2))


async def test_a_table_is_billed_at_its_minimum(bench: Bench) -> None:
    ran = await bench.warehouse.run(replace(JOB, sql=COUNT))
    assert ran.job_id == JOB.id
    assert ran.bytes_billed == 10 * MEBIBYTE


async def test_the_same_id_is_the_same_job(bench: Bench) -> None:
    first = await bench.warehouse.run(JOB)
    second = await bench.warehouse.run(JOB)
    assert first.table == second.table
    assert list(bench.jobs()) == [JOB.id]


async def test_two_runs_at_once_share_one_job(bench: Bench) -> None:
    first, second = await asyncio.gather(bench.warehouse.run(JOB), bench.warehouse.run(JOB))
    assert first.table == second.table
    assert list(bench.jobs()) == [JOB.id]


async def test_an_id_never_gives_another_statements_rows(bench: Bench) -> None:
    await bench.warehouse.run(JOB)
    with pytest.raises(WarehouseError, match="another statement"):
        await bench.warehouse.run(replace(JOB, sql=TYPES))


async def test_a_job_over_its_cap_is_told_so_and_bills_nothing(bench: Bench) -> None:
    with pytest.raises(BytesBilledExceeded):
        await bench.warehouse.run(replace(JOB, sql=COUNT, maximum_bytes_billed=MEBIBYTE))


async def test_a_cancelled_run_leaves_its_job_alone(bench: Bench) -> None:
    bench.hold()
    running = await start(bench, JOB)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert bench.jobs() == {JOB.id: False}


async def test_a_cancelled_job_is_told_to_who_waits_for_it(bench: Bench) -> None:
    bench.hold()
    running = await start(bench, JOB)
    await bench.warehouse.cancel(JOB.id)
    with pytest.raises(JobCancelled):
        await running
    await until_cancelled(bench)


async def test_a_job_found_stopped_asks_for_another_id(bench: Bench) -> None:
    bench.hold()
    running = await start(bench, JOB)
    await bench.warehouse.cancel(JOB.id)
    await asyncio.wait([running])
    await until_cancelled(bench)
    with pytest.raises(JobFailed):
        await bench.warehouse.run(JOB)


async def test_a_table_says_when_it_was_last_modified_and_a_job_when_it_began(bench: Bench) -> None:
    state = await bench.warehouse.table_state("demo-proj.shop.orders")
    assert (state.name, state.kind, state.may_change_unseen) == ("demo-proj.shop.orders", "TABLE", False)
    assert state.modified_at is not None
    ran = await bench.warehouse.run(replace(JOB, sql=COUNT))
    assert ran.started_at is not None
    assert ran.started_at > state.modified_at
    assert await bench.warehouse.table_state("demo-proj.shop.orders") == state


async def test_tables_are_described_with_daily_shards_folded(bench: Bench) -> None:
    names = [table.name for table in await bench.warehouse.describe_tables("demo-proj.web")]
    assert "demo-proj.web.events_*" in names
    assert not any(name[-1].isdigit() for name in names)
    shop = {table.name: table for table in await bench.warehouse.describe_tables("demo-proj.shop")}
    assert shop["demo-proj.shop.orders"].description
    assert all(column.type for column in shop["demo-proj.shop.orders"].columns)
