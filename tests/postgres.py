"""Fixtures: one embedded Postgres per session, an empty migrated database per test."""

import itertools
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import psycopg
import pytest
import pytest_asyncio

from bot.storage.database import Database, open_database
from bot.storage.embedded import EmbeddedPostgres
from bot.storage.migrations import migrate
from bot.storage.tables import metadata

NO_FSYNC = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "max_connections": "200"}
"""A test's data may be lost with the machine."""

_FOLDER = pytest.StashKey[Path]()
_POSTGRES = pytest.StashKey[EmbeddedPostgres]()
_numbers = itertools.count(1)
_free: list[str] = []


@pytest.fixture(scope="session")
def open_folder(pytestconfig: pytest.Config) -> Path:
    """A folder that Postgres' account can reach even when the tests run as root (pytest's own are 0700)."""
    if _FOLDER not in pytestconfig.stash:
        folder = Path(tempfile.mkdtemp(prefix="dbt-", dir="/tmp"))
        folder.chmod(0o755)
        pytestconfig.stash[_FOLDER] = folder
        pytestconfig.add_cleanup(lambda: shutil.rmtree(folder, ignore_errors=True))
    return pytestconfig.stash[_FOLDER]


@pytest.fixture(scope="session")
def postgres(pytestconfig: pytest.Config, open_folder: Path) -> EmbeddedPostgres:
    """One for the whole run, however many conftests import this fixture (each import would make its own)."""
    if _POSTGRES not in pytestconfig.stash:
        postgres = EmbeddedPostgres(open_folder / "pg", settings=NO_FSYNC, shared=open_folder / "shared")
        postgres.start()
        pytestconfig.stash[_POSTGRES] = postgres
        pytestconfig.add_cleanup(postgres.stop)  # last in, first out: before the folder goes
    return pytestconfig.stash[_POSTGRES]


@pytest.fixture
def database_url(postgres: EmbeddedPostgres) -> Iterator[str]:
    """A database with our tables and nothing in them. Emptied and used again: making one takes half a second."""
    name = _free.pop() if _free else _make_database(postgres.uri)
    url = database_uri(postgres.uri, name)
    yield url
    with psycopg.connect(postgres.uri, autocommit=True) as connection:
        connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", (name,))
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("SET session_replication_role = replica")  # the audit's triggers refuse this to everybody
        connection.execute(f"TRUNCATE {', '.join(metadata.tables)} RESTART IDENTITY".encode())
        connection.execute("DROP SCHEMA IF EXISTS langgraph CASCADE")
    _free.append(name)


def _make_database(uri: str) -> str:
    name = f"test_{next(_numbers)}"
    with psycopg.connect(uri, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}".encode())
    migrate(database_uri(uri, name))
    return name


@pytest_asyncio.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    async with open_database(database_url) as database:
        yield database


def database_uri(uri: str, name: str) -> str:
    return uri.replace("/postgres?", f"/{name}?")
