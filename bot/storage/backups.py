"""Backups of the database in a folder: made, proved, named by their moment, and thinned out.

pg_dump, not pg_basebackup: the same file restores into any server and any later version, one database of several
can be restored, the database's own role may make it, and what is written is the rows and not their indexes.
"""

import contextlib
import fcntl
import os
import re
import shutil
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import psycopg

from bot.storage.database import CONNECT_SECONDS, StorageRefused, StorageUnavailable
from bot.storage.postgres_tools import ToolFailed, contents, dump, read_whole

NEEDED: Final = frozenset({"public.alembic_version", "public.inbox", "public.replies", "public.audit"})
"""A file without these is a backup of something else."""
LEFT_FREE = 256 * 2**20
"""Bytes: a disk filled by a backup would stop the database whose backup it is."""
_NAME: Final = re.compile(r"data-bolt-(\d{8}T\d{6})Z\.dump")
_STAMP = "%Y%m%dT%H%M%S"


class BackupFailed(StorageRefused):
    """No backup was made, or it cannot be used."""


@dataclass(frozen=True, slots=True)
class Backup:
    path: Path
    made_at: datetime
    size: int
    """Bytes."""


@dataclass(frozen=True, slots=True)
class Backups:
    """Everything here blocks: do it in a thread."""

    folder: Path
    free_bytes: Callable[[Path], int] = lambda folder: shutil.disk_usage(folder).free

    def make(self, uri: str, now: datetime) -> Backup:
        """A new one, proved to be whole. Raises BackupFailed or StorageUnavailable; a half-made one never stays."""
        with self._alone():
            self._refuse_full_disk(uri)
            path = self.folder / f"data-bolt-{now.astimezone(UTC).strftime(_STAMP)}Z.dump"
            partial = path.with_suffix(".partial")
            try:
                partial.touch(0o600)
                dump(uri, partial)
                prove(partial)
                _write_out(partial)
                partial.rename(path)
                _write_out(self.folder)
            except ToolFailed as error:
                raise BackupFailed(f"The backup failed: {error}.") from error
            except OSError as error:
                raise BackupFailed(f"The backup could not be written to {self.folder} ({error.strerror}).") from error
            finally:
                partial.unlink(missing_ok=True)
        return Backup(path, now, path.stat().st_size)

    def thin_out(self, now: datetime, keep: timedelta) -> Sequence[Backup]:
        """Remove those older than *keep*, but never the newest, however old: the removed ones."""
        with self._alone():
            old = [backup for backup in self.all()[:-1] if now - backup.made_at > keep]
            for backup in old:
                backup.path.unlink()
        return old

    def all(self) -> Sequence[Backup]:
        """Oldest first."""
        found = [(path, _NAME.fullmatch(path.name)) for path in self.folder.glob("data-bolt-*.dump")]
        backups = [
            Backup(path, datetime.strptime(name[1], _STAMP).replace(tzinfo=UTC), path.stat().st_size)
            for path, name in found
            if name is not None
        ]
        return sorted(backups, key=lambda backup: backup.made_at)

    @contextlib.contextmanager
    def _alone(self) -> Generator[None]:
        """The timer and an operator may both be at it. What an earlier one left when it was killed goes."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            lock = os.open(self.folder, os.O_RDONLY | os.O_CLOEXEC)  # a file in it would be whose who came first
        except OSError as error:
            raise BackupFailed(f"{self.folder} cannot hold backups ({error.strerror}).") from error
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            for leftover in self.folder.glob("*.partial"):
                leftover.unlink()
            yield
        except BlockingIOError:
            raise BackupFailed(f"Another backup is being made in {self.folder}.") from None
        finally:
            os.close(lock)

    def _refuse_full_disk(self, uri: str) -> None:
        """The last backup says how much it will be; before the first, the database is more than enough."""
        earlier = self.all()
        expected = earlier[-1].size * 3 // 2 if earlier else database_bytes(uri)
        free = self.free_bytes(self.folder)
        if free < expected + LEFT_FREE:
            raise BackupFailed(
                f"{self.folder} has {free >> 20} MiB free, and a backup wants {(expected + LEFT_FREE) >> 20} MiB: "
                "make room, or keep fewer days (--keep-days)."
            )


def prove(file: Path) -> None:
    """That *file* is a backup of ours and can be read to its last byte. Raises BackupFailed."""
    try:
        missing = NEEDED - set(contents(file))
        if not missing:
            read_whole(file)
    except ToolFailed as error:
        raise BackupFailed(f"{file} is no whole backup: {error}.") from error
    if missing:
        raise BackupFailed(f"{file} is no backup of Data Bolt: it has no {', '.join(sorted(missing))}.")


def database_bytes(uri: str) -> int:
    """What the database takes, indexes and all. Raises StorageUnavailable."""
    try:
        with psycopg.connect(uri, connect_timeout=CONNECT_SECONDS) as connection:
            row = connection.execute("SELECT pg_database_size(current_database())").fetchone()
    except psycopg.OperationalError as error:
        raise StorageUnavailable(f"Postgres did not answer: {error}") from error
    assert row is not None
    return int(row[0])


def _write_out(path: Path) -> None:
    """To the disk itself."""
    file = os.open(path, os.O_RDONLY)
    try:
        os.fsync(file)
    finally:
        os.close(file)
