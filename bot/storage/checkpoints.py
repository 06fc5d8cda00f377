"""Conversation memory: LangGraph's savers, over a pool of their own in a schema of their own."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.checkpoint.postgres.aio import AsyncPostgresSaver
from langgraph.checkpoint.serde.base import SerializerProtocol
from psycopg import AsyncConnection, InterfaceError, OperationalError, ProgrammingError
from psycopg.rows import DictRow, dict_row
from psycopg_pool import AsyncConnectionPool

from bot.storage.database import CONNECT_SECONDS, KEEPALIVES, StorageMisconfigured, StorageUnavailable
from bot.storage.timed_saver import OnSeconds, TimedPostgresSaver

SCHEMA = "langgraph"
LOCK = 0x6C61_6E67_6772_6170
"""`langgrap` in ASCII: the advisory lock under which one process sets the schema up."""
LOCK_POLL_SECONDS = 0.1
SPARE = 4
"""Connections beyond one for each worker: a turn that ends prunes while the next one begins."""

Pool = AsyncConnectionPool[AsyncConnection[DictRow]]


class PostgresSavers:
    """A saver serialises everything on one lock of its own, so each turn has its own saver; connections are shared."""

    def __init__(self, pool: Pool, serde: SerializerProtocol | None, on_seconds: OnSeconds) -> None:
        self._pool = pool
        self._on_seconds = on_seconds
        self._serde = serde

    @asynccontextmanager
    async def slot(self) -> AsyncGenerator[BaseCheckpointSaver[str]]:
        """Raises StorageUnavailable where a saver inside the block lost its database."""
        try:
            yield TimedPostgresSaver(self._pool, self._serde, self._on_seconds)
        except (OperationalError, InterfaceError) as error:  # a pool without a free connection included
            raise StorageUnavailable(f"Postgres did not answer: {type(error).__name__}") from error


@asynccontextmanager
async def open_savers(
    uri: str,
    *,
    workers: int = 8,
    serde: SerializerProtocol | None = None,
    on_seconds: OnSeconds = lambda seconds: None,
) -> AsyncGenerator[PostgresSavers]:
    """*uri* as libpq takes it. Sets the schema up; raises StorageUnavailable or StorageMisconfigured.

    *on_seconds* is told how long each read and write of a checkpoint took.
    """
    pool = AsyncConnectionPool(
        uri,
        connection_class=AsyncConnection[DictRow],
        min_size=2,
        max_size=workers + SPARE,
        open=False,
        name="checkpoints",
        timeout=10,
        reconnect_timeout=5,  # the default notices a server that came back 18 s late
        max_lifetime=1800,
        configure=_enter_schema,
        check=_ping,
        kwargs={
            "autocommit": True,
            "row_factory": dict_row,
            "prepare_threshold": 0,
            "connect_timeout": CONNECT_SECONDS,
            "application_name": "data-bolt checkpoints",
            **KEEPALIVES,
        },
    )
    try:
        await set_up(uri)
        await pool.open(wait=True, timeout=10)
    except OperationalError as error:
        await pool.close()
        raise StorageUnavailable(f"Postgres did not answer: {error}") from error
    except ProgrammingError as error:
        await pool.close()
        reason = str(error).splitlines()[0]
        raise StorageMisconfigured(f"DATABASE_URL cannot keep conversations (schema {SCHEMA}): {reason}.") from error
    try:
        yield PostgresSavers(pool, serde, on_seconds)
    finally:
        await pool.close()


async def _enter_schema(connection: AsyncConnection[DictRow]) -> None:
    await connection.execute(f"SET search_path TO {SCHEMA}")


async def _ping(connection: AsyncConnection[DictRow]) -> None:
    await connection.execute("SELECT 1")


async def set_up(uri: str) -> None:
    """Make the tables that are missing. `setup()` is not safe for several processes at once: one does it, under a lock.

    The others ask for the lock again and again instead of waiting in it: `CREATE INDEX CONCURRENTLY` waits for every
    open statement, so that one waiting for the lock would be a deadlock.
    """
    connection = await AsyncConnection[DictRow].connect(
        uri, autocommit=True, row_factory=dict_row, prepare_threshold=0, connect_timeout=CONNECT_SECONDS
    )
    async with connection:
        while not await _try_lock(connection):  # noqa: ASYNC110 (another process has it)
            await asyncio.sleep(LOCK_POLL_SECONDS)
        await connection.execute(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}")
        await _enter_schema(connection)
        await AsyncPostgresSaver(connection).setup()  # the lock ends with the connection


async def _try_lock(connection: AsyncConnection[DictRow]) -> bool:
    row = await (await connection.execute("SELECT pg_try_advisory_lock(%s) AS is_ours", (LOCK,))).fetchone()
    return row is not None and bool(row["is_ours"])
