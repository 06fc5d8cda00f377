"""What every `Results` promises, on the fake and on Postgres. Another implementation is one more parameter."""

import math
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from agent.results import Results, StoredResult
from agent.turn import Bill, Column, Table
from tests.fakes.results import FakeResults


@pytest.fixture
def memory_results() -> Results:
    return FakeResults()


@pytest.fixture(params=["memory_results", "postgres_results"])
def results(request: pytest.FixtureRequest) -> Results:
    return request.getfixturevalue(request.param)


COLUMNS = (
    Column("n", "INT64"),
    Column("x", "FLOAT64"),
    Column("price", "NUMERIC"),
    Column("at", "TIMESTAMP"),
    Column("ok", "BOOL"),
    Column("item", "STRUCT<sku STRING, sizes ARRAY<INT64>>"),
    Column("name", "STRING"),
)
ROW = (
    2**63 - 1,
    0.1,
    "12.500000001",
    "2025-01-01 00:00:00+00",
    True,
    {"sku": "a", "sizes": [1, 2]},
    "상품 \N{SNOWMAN}",
)


def made(turn_id: str = "message:T1:C1:1.0", *, lives: timedelta = timedelta(days=1)) -> StoredResult:
    return StoredResult(
        turn_id=turn_id,
        conversation="T1:C1:1.0",
        sql="SELECT 1",
        fingerprint="f" * 64,
        table=Table(COLUMNS, (ROW, (None,) * len(COLUMNS)), total_rows=12_345),
        bill=Bill(bytes_estimated=10_485_760, bytes_billed=10_485_760, cost_usd=0.0000596),
        tables_read=("p.shop.orders",),
        job_id="databolt_0",
        expires_at=datetime.now(UTC).replace(microsecond=0) + lives,
    )


async def test_a_result_comes_back_with_its_types(results: Results) -> None:
    result = made()
    assert await results.load(await results.keep(result)) == result


async def test_not_a_number_and_infinity_survive(results: Results) -> None:
    table = Table((Column("x", "FLOAT64"),), ((math.nan,), (math.inf,), (-math.inf,)), 3)
    loaded = await results.load(await results.keep(replace(made(), table=table)))
    assert loaded is not None
    (not_a_number,), *infinities = loaded.table.rows
    assert isinstance(not_a_number, float)
    assert math.isnan(not_a_number)
    assert infinities == [(math.inf,), (-math.inf,)]


async def test_an_unknown_bill_stays_unknown(results: Results) -> None:
    result = replace(made(), bill=Bill(), tables_read=())
    assert await results.load(await results.keep(result)) == result


async def test_a_redelivered_turn_replaces_its_own_result(results: Results) -> None:
    first = await results.keep(made())
    again = replace(made(), job_id="databolt_1")
    assert await results.keep(again) == first
    assert await results.load(first) == again


async def test_another_turn_or_statement_is_another_result(results: Results) -> None:
    ids = {
        await results.keep(made("t1")),
        await results.keep(made("t2")),
        await results.keep(replace(made("t1"), fingerprint="e" * 64)),
    }
    assert len(ids) == 3


async def test_an_expired_result_is_not_shown(results: Results) -> None:
    assert await results.load(await results.keep(made(lives=timedelta(seconds=-1)))) is None


async def test_what_nobody_kept_is_not_there(results: Results) -> None:
    assert await results.load("result-of-nobody") is None
