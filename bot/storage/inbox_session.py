"""The connection by which a claiming process is alive: it holds the owner's lock and hears what is put."""

import asyncio
import time

import psycopg
import structlog

from bot.storage.database import CONNECT_SECONDS, KEEPALIVES

log = structlog.get_logger(__name__)

CHANNEL = "inbox"
OWNER_LOCKS = 4711
"""The first half of an owner's advisory lock; the second is the owner's number."""
PING_SECONDS = 10.0
RECONNECT_SECONDS = 0.2


class OwnerSession:
    """While it is connected, everybody can see by the lock that *owner* lives: a kill -9 frees it at once."""

    def __init__(self, uri: str, owner: int, wake: asyncio.Event) -> None:
        self._uri = uri
        self._owner = owner
        self._wake = wake
        self._up = asyncio.Event()
        self._returned_at: float | None = None
        """When it was connected again after it had been cut; monotonic."""

    async def wait_until_up(self) -> None:
        await self._up.wait()

    def trusts_locks(self, grace_seconds: float) -> bool:
        """False just after a cut: what cut us off may have cut the others too, and they need time to come back."""
        return self._up.is_set() and (
            self._returned_at is None or time.monotonic() - self._returned_at >= grace_seconds
        )

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            try:
                await self._listen()
            except Exception as error:  # the boundary: without this connection others would take our items
                log.warning("inbox.session_cut", error=type(error).__name__)
            self._up.clear()
            await asyncio.sleep(RECONNECT_SECONDS)

    async def _listen(self) -> None:
        connection = await psycopg.AsyncConnection.connect(
            self._uri,
            autocommit=True,
            connect_timeout=CONNECT_SECONDS,
            application_name="data-bolt inbox",
            **KEEPALIVES,
        )
        async with connection:
            is_locked = await self._lock(connection)
            await connection.execute(f"LISTEN {CHANNEL}")
            self._came_up()
            while True:
                async for _ in connection.notifies(timeout=PING_SECONDS):
                    self._wake.set()
                # Also a ping. A session of ours that the server has not yet missed may have held the lock until now.
                is_locked = is_locked or await self._lock(connection)
                await connection.execute("SELECT 1")

    async def _lock(self, connection: psycopg.AsyncConnection) -> bool:
        cursor = await connection.execute("SELECT pg_try_advisory_lock(%s, %s)", (OWNER_LOCKS, self._owner))
        row = await cursor.fetchone()
        return row is not None and bool(row[0])

    def _came_up(self) -> None:
        if self._has_been_up:
            self._returned_at = time.monotonic()
        self._has_been_up = True
        self._up.set()
        self._wake.set()  # what was put meanwhile was announced to nobody

    _has_been_up = False
