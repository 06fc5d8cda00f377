"""What every `KeptRuns` promises, on the fake and on Postgres."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from agent.result_cache import KeptRun, KeptRuns
from agent.results import Results, StoredResult
from agent.turn import Bill, Column, Table
from bot.storage.database import Database
from bot.storage.kept_runs import PostgresKeptRuns
from bot.storage.results import PostgresResults
from tests.fakes.kept_runs import FakeKeptRuns
from tests.fakes.results import FakeResults

NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)


@pytest.fixture
def memory_runs() -> tuple[KeptRuns, Results]:
    return FakeKeptRuns(), FakeResults()


@pytest.fixture
def postgres_runs(database: Database) -> tuple[KeptRuns, Results]:
    return PostgresKeptRuns(database), PostgresResults(database)


@pytest.fixture(params=["memory_runs", "postgres_runs"])
def stores(request: pytest.FixtureRequest) -> tuple[KeptRuns, Results]:
    return request.getfixturevalue(request.param)


async def run_of(turn_id: str, results: Results) -> KeptRun:
    table = Table((Column("n", "INT64"),), ((1,),), 1)
    expires_at = datetime.now(UTC) + timedelta(days=1)
    result = StoredResult(turn_id, "T1:C1", "SELECT 1", "f" * 64, table, Bill(), ("p.d.t",), "job", expires_at)
    return KeptRun("key", turn_id, await results.keep(result), NOON, {"p.d.t": "TABLE 2025-01-01 1 "})


async def test_a_run_comes_back_as_it_was_kept(stores: tuple[KeptRuns, Results]) -> None:
    runs, results = stores
    run = await run_of("1", results)
    await runs.keep(run)
    assert await runs.find("key") == run
    assert await runs.find("other") is None


async def test_the_newest_run_of_a_key_counts_in_whatever_order_they_end(stores: tuple[KeptRuns, Results]) -> None:
    runs, results = stores
    newer = replace(await run_of("2", results), ran_at=NOON + timedelta(minutes=1), tables={})
    for run in (await run_of("1", results), newer, await run_of("3", results)):
        await runs.keep(run)
    assert await runs.find("key") == newer


async def test_a_run_goes_with_its_result(database: Database) -> None:
    runs, results = PostgresKeptRuns(database), PostgresResults(database)
    run = await run_of("1", results)
    await runs.keep(run)
    late = PostgresResults(database, now=lambda: datetime.now(UTC) + timedelta(days=2))
    await run_of("2", late)  # whoever keeps a result sweeps
    assert await runs.find("key") is None
