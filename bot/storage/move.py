"""Everything of one database into another, by COPY: rows, not files, so that the servers' versions may differ.

All or nothing: one transaction fills the other database, and is committed when both sides say the same of every table.
A move that broke half-way left nothing, and is begun anew. The source is only read, and nobody writes to it meanwhile.
"""

from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias

import psycopg
from psycopg import sql

from bot.storage.checkpoints import SCHEMA
from bot.storage.database import CONNECT_SECONDS, KEEPALIVES, StorageRefused, StorageUnavailable
from bot.storage.tables import metadata

LOCK: Final = 0x6D6F_7665
"""`move` in ASCII: held in both databases. Advisory locks are a database's own, so it also tells one from two."""
KNOWN_OTHERWISE: Final = frozenset({"alembic_version", "checkpoint_migrations"})
"""What the schema itself brings along."""

Connection: TypeAlias = psycopg.Connection[tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class TableName:
    schema: str
    name: str

    def __str__(self) -> str:
        return self.name if self.schema == "public" else f"{self.schema}.{self.name}"

    @property
    def identifier(self) -> sql.Identifier:
        return sql.Identifier(self.schema, self.name)


@dataclass(frozen=True, slots=True)
class Content:
    """What a table holds, told alike by every server: two tables of the same content hold the same rows."""

    rows: int
    digest: str


Tell: TypeAlias = Callable[[TableName, Content], None]


@dataclass(frozen=True, slots=True)
class Moved:
    tables: int
    rows: int
    was_there: bool
    """True when the other database held the very same already: an earlier move went through."""
    left_behind: Sequence[str]
    """Tables of the source that are none of ours."""


def copy_everything(source: str, target: str, tell: Tell) -> Moved:
    """Into a database whose tables are made and of the same revision. Blocks; *tell* hears of each table.

    Raises StorageRefused where the other one holds something else, is the same one, or a move is under way;
    StorageUnavailable when one of them stops answering.
    """
    with _session(source) as here, _session(target) as there:
        _hold(here, "The database that is to be moved is being moved already: let that end.")
        _hold(there, "Both addresses lead to the same database, or another move fills it just now.")
        tables = _tables(here)
        _lock(here, tables, "SHARE")
        _lock(there, tables, "EXCLUSIVE")
        left_behind = _strangers(here)
        contents = {table: _content(here, table) for table in tables}
        rows = sum(content.rows for content in contents.values())
        if any(_content(there, table).rows for table in tables):
            if all(_content(there, table) == contents[table] for table in tables):
                return Moved(len(tables), rows, True, left_behind)
            raise StorageRefused("The other database is not empty, and holds something else: name an empty one.")
        for table, content in contents.items():
            _copy(here, there, table)
            if (arrived := _content(there, table)) != content:
                raise StorageRefused(f"{table} arrived with {arrived.rows} rows of {content.rows}: nothing was kept.")
            tell(table, content)
        _copy_sequences(here, there)
        there.commit()
    return Moved(len(tables), rows, False, left_behind)


@contextmanager
def _session(uri: str) -> Generator[Connection]:
    try:
        with psycopg.connect(
            uri, connect_timeout=CONNECT_SECONDS, application_name="data-bolt move", **KEEPALIVES
        ) as connection:
            connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
            try:
                yield connection
            finally:
                if not connection.broken:
                    connection.rollback()  # what is not committed by now is not wanted
    except (psycopg.OperationalError, psycopg.InterfaceError) as error:
        raise StorageUnavailable(f"Postgres did not answer: {error}") from error


def _hold(connection: Connection, otherwise: str) -> None:
    held = connection.execute("SELECT pg_try_advisory_lock(%s)", (LOCK,)).fetchone()
    connection.commit()  # the lock is the session's; the snapshot is to be younger than the tables' locks
    if held != (True,):
        raise StorageRefused(otherwise)


def _tables(connection: Connection) -> Sequence[TableName]:
    """Ours, those that others point to first."""
    query = "SELECT tablename FROM pg_tables WHERE schemaname = %s ORDER BY 1"
    checkpoints = connection.execute(query, (SCHEMA,)).fetchall()
    connection.commit()
    return [
        *(TableName("public", table.name) for table in metadata.sorted_tables),
        *(TableName(SCHEMA, name) for (name,) in checkpoints if name not in KNOWN_OTHERWISE),
    ]


def _strangers(connection: Connection) -> Sequence[str]:
    rows = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1").fetchall()
    return [name for (name,) in rows if name not in metadata.tables and name not in KNOWN_OTHERWISE]


def _lock(connection: Connection, tables: Sequence[TableName], mode: Literal["SHARE", "EXCLUSIVE"]) -> None:
    """The first statement of the transaction, before its snapshot: whoever writes waits from here on."""
    names = sql.SQL(", ").join(table.identifier for table in tables)
    connection.execute(sql.SQL("LOCK TABLE {} IN {} MODE").format(names, sql.SQL(mode)))
    connection.execute("SET LOCAL TimeZone = 'UTC'")


def _content(connection: Connection, table: TableName) -> Content:
    """The digest adds up hashes of rows as text: no order, no sorting, no whole table in memory."""
    query = sql.SQL(
        "SELECT count(*), coalesce(sum(('x' || left(md5(held::text), 16))::bit(64)::bigint::numeric), 0)::text"
        " FROM (SELECT {} FROM {}) AS held"
    )
    columns = sql.SQL(", ").join(map(sql.Identifier, _columns(connection, table)))
    row = connection.execute(query.format(columns, table.identifier)).fetchone()
    assert row is not None
    return Content(*row)


def _copy(here: Connection, there: Connection, table: TableName) -> None:
    columns = sql.SQL(", ").join(map(sql.Identifier, _columns(here, table)))
    out = sql.SQL("COPY {} ({}) TO STDOUT").format(table.identifier, columns)
    into = sql.SQL("COPY {} ({}) FROM STDIN").format(table.identifier, columns)
    with (
        here.cursor() as reading,
        there.cursor() as writing,
        reading.copy(out) as leaving,
        writing.copy(into) as entering,
    ):
        for block in leaving:
            entering.write(block)


def _columns(connection: Connection, table: TableName) -> Sequence[str]:
    """By name on both sides: a table that was altered has them in another order than one that was made at once."""
    query = (
        "SELECT column_name FROM information_schema.columns"
        " WHERE table_schema = %s AND table_name = %s AND is_generated = 'NEVER' ORDER BY column_name"
    )
    return [name for (name,) in connection.execute(query, (table.schema, table.name)).fetchall()]


def _copy_sequences(here: Connection, there: Connection) -> None:
    """The next number goes on where it was: owners' numbers are half of a lock, and ids are unique."""
    query = "SELECT schemaname, sequencename, last_value FROM pg_sequences WHERE schemaname IN ('public', %s)"
    for schema, name, last in here.execute(query, (SCHEMA,)).fetchall():
        if last is not None:
            quoted = sql.Identifier(schema, name).as_string(there)
            there.execute("SELECT setval(%s::regclass, %s)", (quoted, last))
