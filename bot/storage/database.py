"""The database as the stores see it: transactions, and one error for "it does not answer"."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any, ClassVar, cast

from sqlalchemy import QueuePool, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as NoFreeConnection
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

CONNECT_SECONDS = 5
OVERFLOW = 5
"""Connections beyond the pool, for a moment in which all of it is busy."""
KEEPALIVES: dict[str, Any] = {"keepalives_idle": 10, "keepalives_interval": 5, "keepalives_count": 3}
"""A server that vanished without a word is noticed after 25 s instead of two hours."""


class StorageUnavailable(Exception):
    """The database did not answer. Nothing is known to be written; the same call may succeed a little later."""

    is_transient: ClassVar[bool] = True
    advice: ClassVar[str] = "Start that server, mend DATABASE_URL, or unset it for the embedded one"


class StorageBusy(StorageUnavailable):
    """Others use what is to be changed. Nothing was."""

    advice: ClassVar[str] = "Nothing was changed: try again when they are done"


class StorageMisconfigured(Exception):
    """The storage cannot be used as it is set up. The message is one sentence that says what to mend."""

    is_transient: ClassVar[bool] = False


class StorageRefused(Exception):
    """What an operator asked for was not done. The message is one sentence that says why, and what to do."""


class Database:
    """Transactions over one pool."""

    def __init__(self, engine: AsyncEngine, uri: str) -> None:
        self._engine = engine
        self.uri = uri
        """As libpq takes it, for who needs a connection of their own."""

    @asynccontextmanager
    async def transaction(self) -> AsyncGenerator[AsyncConnection]:
        """Committed at the block's end, rolled back when it raises. Raises StorageUnavailable."""
        try:
            async with self._engine.begin() as connection:
                yield connection
        except (OperationalError, InterfaceError, NoFreeConnection) as error:
            raise StorageUnavailable(f"Postgres did not answer: {type(error.__cause__ or error).__name__}") from error

    @property
    def connections_in_use(self) -> int:
        return cast("QueuePool", self._engine.pool).checkedout()

    @property
    def connections_idle(self) -> int:
        return cast("QueuePool", self._engine.pool).checkedin()

    async def ping(self) -> None:
        """Raises StorageUnavailable."""
        async with self.transaction() as connection:
            await connection.execute(text("SELECT 1"))


@asynccontextmanager
async def open_database(uri: str, *, connections: int = 10) -> AsyncGenerator[Database]:
    """*uri* in libpq's or SQLAlchemy's spelling. Connects when first used."""
    engine = create_async_engine(
        sqlalchemy_url(uri),
        pool_size=connections,
        max_overflow=OVERFLOW,
        pool_timeout=10,
        pool_recycle=1800,
        pool_pre_ping=True,  # a restarted server costs no transaction
        connect_args={"connect_timeout": CONNECT_SECONDS, "application_name": "data-bolt", **KEEPALIVES},
        hide_parameters=True,  # people's words stay out of error texts, and so out of logs
    )
    try:
        yield Database(engine, libpq_uri(uri))
    finally:
        await engine.dispose()


def sqlalchemy_url(uri: str) -> URL:
    """`postgres://` and `postgresql://` are what people paste; the driver is ours to say.

    ValueError for anything else.
    """
    url = make_url(uri.replace("postgres://", "postgresql://", 1) if uri.startswith("postgres://") else uri)
    if url.get_backend_name() != "postgresql":
        raise ValueError(f"not a Postgres address: {url.drivername}://...")
    return url.set(drivername="postgresql+psycopg")


def libpq_uri(uri: str) -> str:
    """Without the driver's name; the password is in it, so it is nothing to log."""
    return _as_libpq(sqlalchemy_url(uri))


def uri_of_database(uri: str, name: str) -> str:
    """Another database of the same server, as libpq takes it."""
    return _as_libpq(sqlalchemy_url(uri).set(database=name))


def _as_libpq(url: URL) -> str:
    place, mark, parameters = url.set(drivername="postgresql").render_as_string(hide_password=False).partition("?")
    return place + mark + parameters.replace("+", "%20")  # a plus is a space to SQLAlchemy, and a plus to libpq
