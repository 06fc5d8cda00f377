"""One house per module: its daemon is killed and started by the tests themselves."""

from collections.abc import AsyncIterator
from pathlib import Path

import psycopg
import pytest
import pytest_asyncio

from bot.storage.embedded import EmbeddedPostgres
from tests.postgres import database_uri, open_folder, postgres
from tests.scenario.house import House, open_house

__all__ = ["open_folder", "postgres"]


@pytest.fixture(scope="module")
def house_database(postgres: EmbeddedPostgres, request: pytest.FixtureRequest) -> str:
    """An empty database: the daemon makes its own tables."""
    name = f"house_{abs(hash(request.node.nodeid))}"
    with psycopg.connect(postgres.uri, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}".encode())
    return database_uri(postgres.uri, name)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house(
    tmp_path_factory: pytest.TempPathFactory, house_database: str, googlesql_cache: Path
) -> AsyncIterator[House]:
    async with open_house(tmp_path_factory.mktemp("house"), house_database, googlesql_cache) as house:
        await house.start_daemon()
        yield house
