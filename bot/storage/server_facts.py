"""What a Postgres server says of itself and of our place in it. Looks only: nothing is written or migrated."""

import asyncio
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias

from psycopg import AsyncConnection, Error, OperationalError, ProgrammingError
from psycopg.conninfo import conninfo_to_dict
from psycopg.rows import DictRow, dict_row
from sqlalchemy.exc import ArgumentError

from bot.storage.checkpoints import SCHEMA
from bot.storage.database import CONNECT_SECONDS, StorageMisconfigured, StorageUnavailable, libpq_uri
from bot.storage.migrations import revisions
from bot.storage.tables import metadata

OLDEST_MAJOR: Final = 14
"""The oldest that its makers still mend, and that we would hear complaints about."""
OURS: Final = "data-bolt%"
"""How the connections of our pools are named to the server."""

_VERSIONS: Final = "alembic_version"

Pooling: TypeAlias = Literal["none", "session", "transaction"]

_SERVER: Final = """
    SELECT current_setting('server_version_num')::int / 10000 AS major,
           split_part(current_setting('server_version'), ' ', 1) AS version,
           current_setting('max_connections')::int AS max_connections,
           current_setting('superuser_reserved_connections')::int
             + coalesce(current_setting('reserved_connections', true)::int, 0) AS reserved,
           current_setting('server_encoding') AS encoding,
           pg_is_in_recovery() OR current_setting('default_transaction_read_only') = 'on' AS is_read_only,
           current_user AS role,
           current_database() AS database,
           (SELECT rolconnlimit FROM pg_roles WHERE rolname = current_user) AS role_limit,
           (SELECT datconnlimit FROM pg_database WHERE datname = current_database()) AS database_limit,
           has_database_privilege(current_database(), 'CREATE') AS may_create_schema,
           coalesce(has_schema_privilege(to_regnamespace('public')::oid, 'CREATE'), false) AS may_create_tables,
           (SELECT count(*) FROM pg_stat_activity
             WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()
               AND application_name NOT LIKE %(ours)s) AS others
"""
_TABLES: Final = """
    SELECT relname AS name, pg_get_userbyid(relowner) AS owner,
           has_table_privilege(oid, 'SELECT') AND has_table_privilege(oid, 'INSERT')
             AND has_table_privilege(oid, 'UPDATE') AND has_table_privilege(oid, 'DELETE')
             AND pg_has_role(relowner, 'USAGE') AS is_usable
      FROM pg_class
     WHERE relkind = 'r' AND relnamespace = to_regnamespace(%(schema)s)
     ORDER BY relname
"""


@dataclass(frozen=True, slots=True)
class ServerFacts:
    major: int
    version: str
    encoding: str
    is_read_only: bool
    pooling: Pooling
    role: str
    database: str
    owner: str
    """Of the tables that the role may not use; empty where there are none."""
    may_create_schema: bool
    may_create_tables: bool
    unusable_tables: tuple[str, ...]
    """Of ours: the role may not read and write them, or does not own them, and could not migrate them."""
    revision: str
    """Of the schema; empty where there is none yet, and where the role may not look."""
    known_revisions: tuple[str, ...]
    """To this code, newest first."""
    checkpoint_tables: tuple[str, ...]
    unusable_checkpoint_tables: tuple[str, ...]
    max_connections: int
    connections_left_for_us: int
    """Ours among them, where a daemon of ours runs."""


async def read_server_facts(uri: str) -> ServerFacts:
    """Raises StorageUnavailable, or StorageMisconfigured for what is no address; neither message holds a password."""
    address = _address(uri)
    try:
        async with AsyncExitStack() as stack:
            first = await stack.enter_async_context(await _connect(address))
            second = await stack.enter_async_context(await _connect(address))
            pooling = await _pooling(first, second)
            return await _facts(first, pooling)
    except OperationalError as error:
        raise StorageUnavailable(f"Postgres did not answer: {_first_line(error)}") from None
    except Error as error:
        raise StorageUnavailable(f"Postgres cannot be asked: {_first_line(error)}") from None


def _address(uri: str) -> str:
    """As libpq takes it. What is wrong with one is not repeated: each library quotes the whole of it."""
    try:
        address = libpq_uri(uri)
        conninfo_to_dict(address)
    except (ArgumentError, ProgrammingError, ValueError):
        raise StorageMisconfigured(
            "DATABASE_URL is no address of a Postgres: postgresql://USER:PASSWORD@HOST/DATABASE."
        ) from None
    return address


async def _connect(address: str) -> AsyncConnection[DictRow]:
    return await AsyncConnection[DictRow].connect(
        address,
        autocommit=True,
        row_factory=dict_row,
        prepare_threshold=None,
        connect_timeout=CONNECT_SECONDS,
        application_name="data-bolt doctor",
    )


async def _pooling(first: AsyncConnection[DictRow], second: AsyncConnection[DictRow]) -> Pooling:
    """A pooler hands out process numbers of its own; in transaction mode another server process may come each time."""
    before = await _process(first)
    if before == first.info.backend_pid:
        return "none"
    async with second.transaction():  # may hold the process that the first one had
        await _process(second)
        after = await _process(first)
    return "session" if before == after else "transaction"


async def _process(connection: AsyncConnection[DictRow]) -> int:
    return int((await _one(connection, "SELECT pg_backend_pid() AS pid"))["pid"])


async def _facts(connection: AsyncConnection[DictRow], pooling: Pooling) -> ServerFacts:
    server = await _one(connection, _SERVER, ours=OURS)
    tables = {row["name"]: row for row in await _all(connection, _TABLES, schema="public")}
    ours = [tables[name] for name in (*metadata.tables, _VERSIONS) if name in tables]
    unusable = [row for row in ours if not row["is_usable"]]
    checkpoints = await _all(connection, _TABLES, schema=SCHEMA)
    limits = [server["max_connections"] - server["reserved"] - server["others"]]
    limits += [limit for limit in (server["role_limit"], server["database_limit"]) if limit is not None and limit >= 0]
    return ServerFacts(
        major=server["major"],
        version=server["version"],
        encoding=server["encoding"],
        is_read_only=server["is_read_only"],
        pooling=pooling,
        role=server["role"],
        database=server["database"],
        owner=unusable[0]["owner"] if unusable else "",
        may_create_schema=server["may_create_schema"],
        may_create_tables=server["may_create_tables"],
        unusable_tables=tuple(row["name"] for row in unusable),
        revision=await _revision(connection) if _VERSIONS in tables and not unusable else "",
        known_revisions=await asyncio.to_thread(revisions),
        checkpoint_tables=tuple(row["name"] for row in checkpoints),
        unusable_checkpoint_tables=tuple(row["name"] for row in checkpoints if not row["is_usable"]),
        max_connections=server["max_connections"],
        connections_left_for_us=max(0, min(limits)),
    )


async def _revision(connection: AsyncConnection[DictRow]) -> str:
    rows = await _all(connection, "SELECT version_num AS revision FROM alembic_version")
    return str(rows[0]["revision"]) if rows else ""


async def _one(connection: AsyncConnection[DictRow], sql: str, **values: Any) -> DictRow:
    return (await _all(connection, sql, **values))[0]


async def _all(connection: AsyncConnection[DictRow], sql: str, **values: Any) -> list[DictRow]:
    return await (await connection.execute(sql.encode(), values or None)).fetchall()


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]
