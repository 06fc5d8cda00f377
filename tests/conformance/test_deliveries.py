"""What every `Deliveries` promises, on the fake and on Postgres."""

import time
from dataclasses import replace

import pytest
from sqlalchemy import delete

from bot.result_files.delivery import Deliveries, Delivery, FileKey
from bot.storage.database import Database
from bot.storage.result_files import PostgresDeliveries
from bot.storage.results import PostgresResults
from bot.storage.tables import results
from tests.conformance.test_results import made
from tests.fakes.file_desk import FakeDeliveries


@pytest.fixture
def memory_deliveries() -> Deliveries:
    return FakeDeliveries()


@pytest.fixture
def postgres_deliveries(database: Database) -> Deliveries:
    return PostgresDeliveries(database)


@pytest.fixture(params=["memory_deliveries", "postgres_deliveries"])
def deliveries(request: pytest.FixtureRequest) -> Deliveries:
    return request.getfixturevalue(request.param)


@pytest.fixture
async def key(postgres_results: PostgresResults) -> FileKey:
    return FileKey(await postgres_results.keep(made()), "csv", "C1", "1.0")


async def test_how_far_a_file_is_comes_back_and_the_last_word_holds(deliveries: Deliveries, key: FileKey) -> None:
    assert await deliveries.find(key) is None
    await deliveries.keep(key, Delivery("click:1", note_ts="2.0"))
    await deliveries.keep(key, Delivery("click:2", file_id="F1"))
    found = await deliveries.find(key)
    assert found is not None
    assert replace(found, kept_at=0.0) == Delivery("click:2", None, "F1")


async def test_another_format_place_or_thread_is_another_file(deliveries: Deliveries, key: FileKey) -> None:
    await deliveries.keep(key, Delivery("click:1"))
    others = [replace(key, kind="xlsx"), replace(key, channel="C2"), replace(key, thread_ts="")]
    assert [await deliveries.find(other) for other in others] == [None, None, None]


async def test_postgres_says_when_and_forgets_it_with_the_result(
    postgres_deliveries: Deliveries, database: Database, key: FileKey
) -> None:
    await postgres_deliveries.keep(key, Delivery("click:1"))
    found = await postgres_deliveries.find(key)
    assert found is not None
    assert abs(found.kept_at - time.clock_gettime(time.CLOCK_REALTIME)) < 3600
    async with database.transaction() as connection:
        await connection.execute(delete(results))
    assert await postgres_deliveries.find(key) is None
