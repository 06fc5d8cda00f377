"""A server that cannot be worked with is told at the start, with a sentence."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime

import psycopg
import pytest
import structlog

from bot.storage.database import StorageMisconfigured, StorageUnavailable
from bot.storage.embedded import EmbeddedPostgres
from bot.storage.fitness import connections_of_a_daemon, refuse_unfit_server
from bot.storage.migrations import migrate
from bot.storage.swap import Neighbours

ROLE = "without_rights"


@pytest.fixture
def poor(postgres: EmbeddedPostgres) -> Iterator[str]:
    """An empty database, by a role that may only connect to it."""
    neighbours = Neighbours(postgres.uri)
    name = neighbours.make_fresh(datetime.now(UTC))
    with psycopg.connect(postgres.uri, autocommit=True) as connection:
        connection.execute(f"CREATE ROLE {ROLE}".encode())
    yield neighbours.uri_of(name) + f"&options=-c%20role%3D{ROLE}"
    with psycopg.connect(postgres.uri, autocommit=True) as connection:
        for statement in (f"DROP DATABASE {name} WITH (FORCE)", f"DROP ROLE {ROLE}"):
            connection.execute(statement.encode())


async def test_a_server_that_takes_no_writes_is_waited_for(database_url: str):
    standby = f"{database_url}&options=-c%20default_transaction_read_only%3Don"
    with pytest.raises(StorageUnavailable, match="takes no writes"):
        await refuse_unfit_server(standby, wanted=1)


async def test_too_few_connections_for_a_daemon_are_said_and_hold_nothing_up(database_url: str):
    with structlog.testing.capture_logs() as logs:
        await refuse_unfit_server(database_url, wanted=connections_of_a_daemon(4))
        await refuse_unfit_server(database_url, wanted=10_000)
    assert [(line["event"], line["wanted"]) for line in logs] == [("storage.few_connections", 10_000)]


async def test_a_role_that_may_make_no_tables_is_a_configuration_error_and_no_outage(poor: str):
    with pytest.raises(StorageMisconfigured, match="may not make its tables .permission denied for schema public"):
        await asyncio.to_thread(migrate, poor)


def test_a_daemon_of_four_workers_takes_at_most_24_connections():
    assert connections_of_a_daemon(4) == 10 + 5 + 8 + 1
    assert connections_of_a_daemon(4, keeps_checkpoints=False) == 16
