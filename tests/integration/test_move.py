"""Everything of one Postgres in another, the source untouched; what breaks half-way is begun anew."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime

import psycopg
import pytest
import pytest_asyncio

from bot.storage.checkpoints import set_up
from bot.storage.database import StorageRefused
from bot.storage.embedded import EmbeddedPostgres
from bot.storage.migrations import migrate
from bot.storage.move import Content, Moved, TableName, Tell, copy_everything
from bot.storage.move_target import examine_target, refuse_foreign_tables
from bot.storage.swap import Neighbours
from tests.integration.furnished import everything, furnish, put_and_claim, say

ROLE = "newcomer"


def tell_nobody(table: TableName, content: Content) -> None:
    del table, content


async def copied(source: str, target: str, tell: Tell = tell_nobody) -> Moved:
    return await asyncio.to_thread(copy_everything, source, target, tell)


@pytest.fixture
def empty(postgres: EmbeddedPostgres) -> Iterator[str]:
    """A database with nothing in it, not even tables."""
    neighbours = Neighbours(postgres.uri)
    name = neighbours.make_fresh(datetime.now(UTC))
    yield neighbours.uri_of(name)
    with psycopg.connect(postgres.uri, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


@pytest_asyncio.fixture
async def target(empty: str) -> AsyncIterator[str]:
    await asyncio.to_thread(migrate, empty)
    await set_up(empty)
    yield empty


async def test_every_row_the_thread_and_the_numbering_arrive_and_the_source_stays(database_url: str, target: str):
    await furnish(database_url)
    before = everything(database_url)
    told: list[str] = []
    moved = await copied(database_url, target, lambda table, content: told.append(f"{table} {content.rows}"))
    assert everything(target) == everything(database_url) == before
    assert not moved.was_there
    assert (moved.tables, moved.left_behind) == (len(told), [])
    assert "inbox 1" in told
    assert "langgraph.checkpoints 1" in told
    assert await say(target, "b") == ["a", "heard 1", "b", "heard 3"]
    await put_and_claim(target)


async def test_a_move_that_went_through_is_known_again_and_one_into_other_data_is_refused(
    database_url: str, target: str
):
    await furnish(database_url)
    await copied(database_url, target)
    assert (await copied(database_url, target)).was_there
    with psycopg.connect(target) as connection:
        connection.execute("UPDATE replies SET answer = 'another'")
    changed = everything(target)
    with pytest.raises(StorageRefused, match="not empty, and holds something else"):
        await copied(database_url, target)
    assert everything(target) == changed


async def test_a_move_that_breaks_half_way_leaves_nothing_and_is_begun_anew(database_url: str, target: str):
    await furnish(database_url)
    empty = everything(target)

    def break_off(table: TableName, content: Content) -> None:
        if table.name == "replies":
            raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        await copied(database_url, target, break_off)
    assert everything(target) == empty
    await copied(database_url, target)
    assert everything(target) == everything(database_url)


async def test_a_database_is_not_moved_into_itself(database_url: str):
    await set_up(database_url)
    with pytest.raises(StorageRefused, match="lead to the same database"):
        await copied(database_url, database_url)


async def test_nobody_writes_to_the_source_while_it_is_copied(database_url: str, target: str):
    await furnish(database_url)
    refused: list[str] = []

    def write_meanwhile(table: TableName, content: Content) -> None:
        with psycopg.connect(database_url) as connection:
            connection.execute("SET lock_timeout = '10ms'")
            try:
                connection.execute("UPDATE replies SET answer = 'late'")
            except psycopg.errors.LockNotAvailable:
                connection.rollback()
                refused.append(table.name)

    moved = await copied(database_url, target, write_meanwhile)
    assert len(refused) == moved.tables
    assert everything(target) == everything(database_url)


async def test_an_empty_server_may_be_moved_to(empty: str):
    facts = await examine_target(empty)
    assert (facts.revision, facts.is_read_only) == ("", False)
    refuse_foreign_tables(empty)


def test_another_programs_tables_of_our_names_are_left_alone(empty: str):
    with psycopg.connect(empty) as connection:
        connection.execute("CREATE TABLE audit (what text)")
    with pytest.raises(StorageRefused, match=r"tables of another program \(audit\)"):
        refuse_foreign_tables(empty)


async def test_a_role_that_may_make_no_tables_is_told_which_rights_it_lacks(empty: str, postgres: EmbeddedPostgres):
    with psycopg.connect(postgres.uri, autocommit=True) as connection:
        connection.execute(f"CREATE ROLE {ROLE}".encode())
    try:
        with pytest.raises(StorageRefused, match=f"GRANT CREATE ON DATABASE .* TO {ROLE}; GRANT CREATE ON SCHEMA"):
            await examine_target(f"{empty}&options=-c%20role%3D{ROLE}")
    finally:
        with psycopg.connect(postgres.uri, autocommit=True) as connection:
            connection.execute(f"DROP ROLE {ROLE}".encode())


async def test_a_standby_is_not_moved_to(empty: str):
    with pytest.raises(StorageRefused, match="takes no writes"):
        await examine_target(f"{empty}&options=-c%20default_transaction_read_only%3Don")
