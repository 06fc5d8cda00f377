"""The migrations make exactly the tables that the code speaks of."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine
from sqlalchemy.pool import NullPool

from bot.storage import migrations
from bot.storage.database import StorageBusy, StorageUnavailable, libpq_uri, sqlalchemy_url
from bot.storage.embedded import EmbeddedPostgres
from bot.storage.migrations import migrate
from bot.storage.tables import metadata
from tests.postgres import database_uri

SHAPE = """
    SELECT 'column', table_name, column_name, data_type, column_default, is_nullable, identity_generation
      FROM information_schema.columns WHERE table_schema = 'public' AND table_name <> 'alembic_version'
    UNION ALL
    SELECT 'index', tablename, indexname, indexdef, NULL, NULL, NULL FROM pg_indexes
     WHERE schemaname = 'public' AND tablename <> 'alembic_version'
    UNION ALL
    SELECT 'constraint', conrelid::regclass::text, conname, pg_get_constraintdef(oid), NULL, NULL, NULL
      FROM pg_constraint WHERE connamespace = 'public'::regnamespace AND conname NOT LIKE 'alembic%'
    UNION ALL
    SELECT 'sequence', sequence_name, data_type, cycle_option, NULL, NULL, NULL
      FROM information_schema.sequences WHERE sequence_schema = 'public'
    ORDER BY 1, 2, 3, 4
"""


@pytest.fixture
def empty_url(postgres: EmbeddedPostgres) -> Iterator[str]:
    with psycopg.connect(postgres.uri, autocommit=True) as connection:
        connection.execute("CREATE DATABASE empty")
        yield database_uri(postgres.uri, "empty")
        connection.execute("DROP DATABASE empty WITH (FORCE)")


def shape(url: str) -> list[tuple[object, ...]]:
    with psycopg.connect(url) as connection:
        return connection.execute(SHAPE).fetchall()


def test_the_migrated_schema_is_the_one_in_tables(database_url: str, empty_url: str) -> None:
    engine = create_engine(sqlalchemy_url(empty_url), poolclass=NullPool)
    metadata.create_all(engine)
    migrated, declared = shape(database_url), shape(empty_url)
    assert len(migrated) > 50
    assert migrated == declared


def test_alembic_finds_nothing_left_to_do(database_url: str) -> None:
    with create_engine(sqlalchemy_url(database_url), poolclass=NullPool).connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


async def test_many_may_migrate_at_once(empty_url: str) -> None:
    await asyncio.gather(*(asyncio.to_thread(migrate, empty_url) for _ in range(5)))
    with psycopg.connect(empty_url) as connection:
        assert connection.execute("SELECT version_num FROM alembic_version").fetchall() == [(newest_migration(),)]


def newest_migration() -> str | None:
    return ScriptDirectory(str(Path(migrations.__file__).parent)).get_current_head()


def test_migrating_without_a_server_says_so() -> None:
    with pytest.raises(StorageUnavailable):
        migrate("postgresql://nobody@127.0.0.1:1/none")


@pytest.mark.parametrize("given", ["postgres://u:p%40ss@h:5/d", "postgresql://u:p%40ss@h:5/d"])
def test_an_address_is_taken_as_people_paste_it(given: str) -> None:
    assert sqlalchemy_url(given).drivername == "postgresql+psycopg"
    assert libpq_uri(given) == "postgresql://u:p%40ss@h:5/d"
    assert libpq_uri(str(sqlalchemy_url(given).render_as_string(hide_password=False))) == libpq_uri(given)


def test_another_kind_of_database_is_refused() -> None:
    with pytest.raises(ValueError, match="not a Postgres address"):
        sqlalchemy_url("sqlite:///x")


def test_a_table_in_use_holds_up_a_migration_and_nobody_behind_it(empty_url: str) -> None:
    migrate(empty_url)
    with psycopg.connect(empty_url, autocommit=True) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '0009'")  # the next one adds to replies
    with psycopg.connect(empty_url) as backup:
        backup.execute("SELECT count(*) FROM replies")
        with pytest.raises(StorageBusy, match="is in use"):
            migrate(empty_url, longest_wait_seconds=0.05)
        backup.execute("SELECT count(*) FROM replies")
    with psycopg.connect(empty_url) as connection:
        assert connection.execute("SELECT version_num FROM alembic_version").fetchall() == [("0009",)]


def test_a_release_runs_on_the_schema_of_a_later_one(empty_url: str) -> None:
    """As after a rollback, and for the release that still runs while an upgrade goes on."""
    migrate(empty_url)
    with psycopg.connect(empty_url, autocommit=True) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
        connection.execute("ALTER TABLE inbox ADD COLUMN of_a_later_release text")
    before = shape(empty_url)
    migrate(empty_url)
    assert shape(empty_url) == before
    with psycopg.connect(empty_url) as connection:
        assert connection.execute("SELECT version_num FROM alembic_version").fetchall() == [("9999",)]
