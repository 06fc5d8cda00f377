"""Fixtures: one embedded Postgres per session, a fresh migrated database per test."""

import itertools
import os
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

NO_FSYNC = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "max_connections": "200"}
"""A test's data may be lost with the machine."""

_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def open_folder() -> Iterator[Path]:
    """A folder that Postgres' account can reach even when the tests run as root (pytest's own are 0700)."""
    folder = Path(tempfile.mkdtemp(prefix="dbt-", dir="/tmp"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def postgres(open_folder: Path) -> Iterator[EmbeddedPostgres]:
    with EmbeddedPostgres(open_folder / "pg", settings=NO_FSYNC, shared=open_folder / "shared") as postgres:
        _execute(postgres.uri, "CREATE DATABASE migrated")
        migrate(database_uri(postgres.uri, "migrated"))
        yield postgres


@pytest.fixture
def database_url(postgres: EmbeddedPostgres) -> Iterator[str]:
    """A fresh database with our tables."""
    name = f"test_{os.getpid()}_{next(_numbers)}"
    _execute(postgres.uri, f"CREATE DATABASE {name} TEMPLATE migrated STRATEGY file_copy")
    yield database_uri(postgres.uri, name)
    _execute(postgres.uri, f"DROP DATABASE {name} WITH (FORCE)")


@pytest_asyncio.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    async with open_database(database_url) as database:
        yield database


def database_uri(uri: str, name: str) -> str:
    return uri.replace("/postgres?", f"/{name}?")


def _execute(uri: str, statement: str) -> None:
    with psycopg.connect(uri, autocommit=True) as connection:
        connection.execute(statement.encode())
