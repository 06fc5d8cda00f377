"""Databases beside ours that wait to change names with it: what `restore` fills, and what it keeps of before."""

import re
import time
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from bot.storage.database import CONNECT_SECONDS, StorageRefused, StorageUnavailable, libpq_uri, uri_of_database

LONGEST_NAME = 63
LEAVING_SECONDS: Final = 2.0
"""A session that has said goodbye, one of our own just now perhaps, is listed until its process has ended."""
LOOKS: Final = 20
_KEPT: Final = re.compile(r"_before_\d{8}_\d{6}")


class StillInUse(StorageRefused):
    """Somebody is connected to the database."""


@dataclass(frozen=True, slots=True)
class Kept:
    name: str
    size: int
    """Bytes."""


class Neighbours:
    """The database of *uri* and those beside it. Blocks; every method raises StorageUnavailable."""

    def __init__(self, uri: str) -> None:
        self._uri = libpq_uri(uri)
        parts = conninfo_to_dict(self._uri)
        self.name = str(parts.get("dbname") or parts.get("user") or "postgres")

    def uri_of(self, name: str) -> str:
        return uri_of_database(self._uri, name)

    def refuse_if_used(self) -> None:
        """Raises StillInUse. One that comes later is refused by the change of names itself."""
        # Only sessions have a user: an autovacuum worker, which a change of names sends away, has none.
        query = (
            "SELECT application_name, count(*) FROM pg_stat_activity"
            " WHERE datname = %s AND usesysid IS NOT NULL GROUP BY 1 ORDER BY 1"
        )
        with self._elsewhere() as connection:
            looks = 0
            while used_by := connection.execute(query, (self.name,)).fetchall():
                if (looks := looks + 1) > LOOKS:
                    break
                time.sleep(LEAVING_SECONDS / LOOKS)
        if used_by:
            programs = ", ".join(f"{program or 'a program without a name'} ({count})" for program, count in used_by)
            raise StillInUse(
                f"The database {self.name} is in use by {programs}: stop the daemon first (systemctl stop slack-bot)."
            )

    def make_fresh(self, now: datetime) -> str:
        """An empty database beside ours: its name."""
        with self._elsewhere() as connection:
            name = self._aside(connection, "restoring", now)
            # Not template1, in which an operator may have left something.
            connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(name)))
        return name

    def put_in_place(self, fresh: str, now: datetime) -> str:
        """*fresh* becomes ours and ours is kept, both at once or neither: the kept one's name. Raises StillInUse."""
        rename = sql.SQL("ALTER DATABASE {} RENAME TO {}")
        try:
            with self._elsewhere() as connection, connection.transaction():
                kept = self._aside(connection, "before", now)
                connection.execute(rename.format(sql.Identifier(self.name), sql.Identifier(kept)))
                connection.execute(rename.format(sql.Identifier(fresh), sql.Identifier(self.name)))
        except psycopg.errors.ObjectInUse as error:
            raise StillInUse(
                f"Somebody connected to {self.name} meanwhile: stop the daemon, and start again."
            ) from error
        return kept

    def kept(self) -> Sequence[Kept]:
        """What earlier restores kept, oldest first."""
        query = "SELECT datname, pg_database_size(oid) FROM pg_database WHERE starts_with(datname, %s) ORDER BY 1"
        with self._elsewhere() as connection:
            rows = connection.execute(query, (self._stem,)).fetchall()
        return [Kept(name, size) for name, size in rows if _KEPT.fullmatch(name.removeprefix(self._stem))]

    def check_kept(self, name: str) -> None:
        """Raises StorageRefused for any other name, ours above all."""
        names = [kept.name for kept in self.kept()]
        if name not in names:
            raise StorageRefused(f"No kept database is called {name}: there is {', '.join(names) or 'none'}.")

    def drop(self, name: str) -> None:
        with self._elsewhere() as connection:
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(name)))

    @property
    def _stem(self) -> str:
        return self.name[: LONGEST_NAME - len("_restoring_20260101_000000")]

    def _aside(self, connection: psycopg.Connection, why: str, now: datetime) -> str:
        """A free name that says when: the next second's where somebody was here in this one."""
        while True:
            name = f"{self._stem}_{why}_{now.astimezone(UTC).strftime('%Y%m%d_%H%M%S')}"
            if connection.execute("SELECT FROM pg_database WHERE datname = %s", (name,)).fetchone() is None:
                return name
            now += timedelta(seconds=1)

    @contextmanager
    def _elsewhere(self) -> Generator[psycopg.Connection]:
        """A connection to another database of the server: nobody may be in the one that changes its name."""
        door = "postgres" if self.name != "postgres" else "template1"
        try:
            with psycopg.connect(self.uri_of(door), autocommit=True, connect_timeout=CONNECT_SECONDS) as connection:
                yield connection
        except psycopg.errors.InsufficientPrivilege as error:
            refusal = error.diag.message_primary
            raise StorageRefused(f"Postgres refused ({refusal}): the role of DATABASE_URL needs CREATEDB.") from error
        except psycopg.errors.ObjectInUse:
            raise
        except psycopg.OperationalError as error:
            raise StorageUnavailable(f"Postgres did not answer: {error}") from error
