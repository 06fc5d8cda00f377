"""What was in is in again: backup and restore on a real Postgres, as its ordinary role."""

import asyncio
import fcntl
import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest

from bot.storage.backups import BackupFailed, Backups, prove
from bot.storage.database import StorageRefused, StorageUnavailable
from bot.storage.embedded import EmbeddedPostgres
from bot.storage.migrations import migrate
from bot.storage.postgres_tools import ToolFailed, dump
from bot.storage.restore import restore_backup
from bot.storage.swap import Neighbours, StillInUse
from tests.integration.furnished import everything, furnish, put_and_claim, say
from tests.postgres import database_uri

NOW = datetime(2026, 11, 20, 3, 7, tzinfo=UTC)
ROLE = "backed_up"


@pytest.fixture
def mine(postgres: EmbeddedPostgres) -> Iterator[str]:
    """A database of a role that is no superuser, migrated; it and what restores keep of it are gone afterwards."""
    with psycopg.connect(postgres.uri, autocommit=True) as connection:
        for statement in (f"CREATE ROLE {ROLE} CREATEDB", f"CREATE DATABASE {ROLE} OWNER {ROLE}"):
            connection.execute(statement.encode())
    uri = database_uri(postgres.uri, ROLE) + f"&options=-c%20role%3D{ROLE}"
    migrate(uri)
    yield uri
    with psycopg.connect(postgres.uri, autocommit=True) as connection:
        for (name,) in connection.execute(
            "SELECT datname FROM pg_database WHERE datname LIKE %s", (f"{ROLE}%",)
        ).fetchall():
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())
        connection.execute(f"DROP ROLE {ROLE}".encode())


@pytest.fixture
def backups(tmp_path: Path) -> Backups:
    return Backups(tmp_path / "backups")


async def test_a_restore_brings_back_every_row_and_the_thread_and_keeps_what_was_there(mine: str, backups: Backups):
    await furnish(mine)
    before = everything(mine)
    assert [table for table, rows in before.items() if not rows] == ["langgraph.checkpoint_writes"], "nothing to lose"
    backup = await asyncio.to_thread(backups.make, mine, NOW)
    assert await say(mine, "b") == ["a", "heard 1", "b", "heard 3"]
    with psycopg.connect(mine) as connection:
        connection.execute("DELETE FROM replies")
    since = everything(mine)

    restored = await asyncio.to_thread(restore_backup, mine, backup.path, NOW)

    assert everything(mine) == before
    neighbours = Neighbours(mine)
    assert [kept.name for kept in neighbours.kept()] == [restored.kept] == [f"{ROLE}_before_20261120_030700"]
    assert everything(neighbours.uri_of(restored.kept)) == since
    assert await say(mine, "c") == ["a", "heard 1", "c", "heard 3"]
    await put_and_claim(mine)
    with pytest.raises(psycopg.Error, match="append-only"), psycopg.connect(mine) as connection:
        connection.execute("UPDATE audit SET asker = 'somebody else'")

    neighbours.put_in_place(restored.kept, NOW + timedelta(hours=1))  # back again
    assert everything(mine) == since
    [kept] = neighbours.kept()
    neighbours.drop(kept.name)
    assert neighbours.kept() == []


def test_nothing_is_restored_under_a_daemon_and_nothing_is_left_behind(mine: str, backups: Backups):
    backup = backups.make(mine, NOW)
    with psycopg.connect(mine, application_name="data-bolt inbox") as connection:
        connection.execute("SELECT 1")
        with pytest.raises(StillInUse, match=r"data-bolt inbox \(1\): stop the daemon"):
            restore_backup(mine, backup.path, NOW)
        neighbours = Neighbours(mine)
        late = neighbours.make_fresh(NOW)
        with pytest.raises(StillInUse):  # one that connects after we looked
            neighbours.put_in_place(late, NOW)
        neighbours.drop(late)
    with psycopg.connect(mine) as connection:
        names = connection.execute("SELECT datname FROM pg_database WHERE datname LIKE %s", (f"{ROLE}%",)).fetchall()
    assert names == [(ROLE,)]


def test_only_what_a_restore_kept_is_dropped(mine: str):
    with pytest.raises(StorageRefused, match="No kept database is called backed_up: there is none"):
        Neighbours(mine).check_kept(ROLE)


def test_a_backup_is_private_whole_and_of_ours_or_there_is_none(database_url: str, backups: Backups, tmp_path: Path):
    backup = backups.make(database_url, NOW)
    assert backup.path.name == "data-bolt-20261120T030700Z.dump"
    assert (backup.path.stat().st_mode & 0o777, backups.folder.stat().st_mode & 0o777) == (0o600, 0o700)
    torn = tmp_path / "torn.dump"
    torn.write_bytes(backup.path.read_bytes()[:-40])
    with pytest.raises(BackupFailed, match="no whole backup"):
        prove(torn)
    torn.write_text("hello")
    with pytest.raises(BackupFailed, match="no whole backup"):
        restore_backup(database_url, torn, NOW)


def test_a_database_of_others_is_no_backup_and_leaves_no_file(postgres: EmbeddedPostgres, backups: Backups):
    with pytest.raises(BackupFailed, match=r"is no backup of Data Bolt: it has no public\.alembic_version"):
        backups.make(database_uri(postgres.uri, "template1"), NOW)
    assert list(backups.folder.iterdir()) == []


def test_two_backups_at_once_are_one_and_a_sentence_and_a_killed_ones_rest_goes(database_url: str, backups: Backups):
    backups.folder.mkdir(mode=0o700)
    killed = backups.folder / "data-bolt-20261119T030700Z.partial"
    killed.touch()
    other = os.open(backups.folder, os.O_RDONLY)
    fcntl.flock(other, fcntl.LOCK_EX)
    with pytest.raises(BackupFailed, match="Another backup is being made"):
        backups.make(database_url, NOW)
    os.close(other)
    made = backups.make(database_url, NOW)
    assert list(backups.folder.iterdir()) == [made.path]


def test_a_full_disk_is_told_before_anything_is_written(database_url: str, tmp_path: Path):
    backups = Backups(tmp_path, free_bytes=lambda folder: 100 << 20)
    with pytest.raises(BackupFailed, match=r"has 100 MiB free, and a backup wants 2\d\d MiB"):
        backups.make(database_url, NOW)


def test_old_ones_go_and_the_newest_stays_however_old(database_url: str, backups: Backups):
    made = [backups.make(database_url, NOW + timedelta(days=day)) for day in (0, 1, 9)]
    removed = backups.thin_out(NOW + timedelta(days=10), keep=timedelta(days=7))
    assert [backup.path for backup in removed] == [made[0].path, made[1].path]
    assert backups.thin_out(NOW + timedelta(days=999), keep=timedelta(days=7)) == []
    assert [backup.path for backup in backups.all()] == [made[2].path]


def test_a_server_behind_a_network_is_not_spoken_to_in_the_clear(tmp_path: Path):
    with pytest.raises(ToolFailed, match=r"speak no TLS, so they do not talk to db\.example\.com") as refused:
        dump("postgresql://bot:secret@db.example.com/bot", tmp_path / "x")
    assert "secret" not in str(refused.value)


def test_a_server_that_is_away_is_a_sentence_without_the_password(tmp_path: Path):
    with pytest.raises(StorageUnavailable, match="did not answer pg_dump") as refused:
        dump(f"postgresql://bot:secret@/bot?host={tmp_path}", tmp_path / "x")
    assert "secret" not in str(refused.value)
