"""One house per module: its daemon is killed and started by the tests themselves."""

import asyncio
import os
from collections.abc import AsyncIterator
from pathlib import Path

import psycopg
import pytest
import pytest_asyncio

from bot.slack.manifest.calls import called_methods
from bot.storage.embedded import EmbeddedPostgres
from tests.postgres import database_uri, open_folder, postgres
from tests.scenario.house import ROOT, House, open_house

__all__ = ["open_folder", "postgres"]


@pytest.fixture(scope="module")
def postgres_uri(postgres: EmbeddedPostgres, request: pytest.FixtureRequest) -> str:
    """An empty database for the module: who uses it makes its own tables."""
    name = f"module_{abs(hash(request.node.nodeid))}"
    with psycopg.connect(postgres.uri, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}".encode())
    return database_uri(postgres.uri, name)


@pytest.fixture(scope="module")
def environ(tmp_path_factory: pytest.TempPathFactory, googlesql_cache: Path, postgres_uri: str) -> dict[str, str]:
    """For a command: no .env, no settings of the developer's, a home and a database for the module."""
    home = tmp_path_factory.mktemp("home")
    return {
        "HOME": str(home),
        "PATH": os.environ["PATH"],
        "STATE_DIR": str(home / "state"),
        "CACHE_DIR": str(googlesql_cache.parent),
        "DATABASE_URL": postgres_uri,
        "PYTHONPATH": str(ROOT),
        "TERM": "xterm",
    }


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house(
    tmp_path_factory: pytest.TempPathFactory, postgres_uri: str, googlesql_cache: Path
) -> AsyncIterator[House]:
    async with open_house(tmp_path_factory.mktemp("house"), postgres_uri, googlesql_cache) as house:
        await house.start_daemon()
        yield house
        # Scopes come from the calls that are found in the source: none is made that was not found there.
        known = await asyncio.to_thread(called_methods)
        assert {call.method for call in house.workspace.calls} <= known
