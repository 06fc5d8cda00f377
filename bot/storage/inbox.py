"""The inbox in Postgres."""

import asyncio
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any, Self

import structlog
from sqlalchemy import Row, TextClause
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.inbox.inbox import Claim, InboxUnavailable
from bot.inbox.items import ITEM, Item
from bot.logging import redact
from bot.storage import inbox_statements as statements
from bot.storage.database import Database, StorageUnavailable
from bot.storage.inbox_session import OwnerSession

log = structlog.get_logger(__name__)

PUT_SECONDS = 2.0
"""Slack waits three seconds for its ack."""
LOOK_FOR_LOST_SECONDS = 1.0
KEEP_BURIED = timedelta(days=30)
LONGEST_ERROR = 2000


class PostgresInbox:
    """`put` and `request_stop` work at once; whoever claims does so inside `listening()`."""

    def __init__(
        self,
        database: Database,
        *,
        lease: timedelta = timedelta(seconds=30),
        gone_grace: timedelta = timedelta(seconds=1),
        restart_grace: timedelta = timedelta(seconds=15),
    ) -> None:
        """*gone_grace*: how long an owner's lock is missing before its items are taken; a cut link is back by then.

        *restart_grace*: how long after a restart of the server its owners get to come back; above the worker's beat.
        """
        self._database = database
        self._lease = lease
        self._gone_grace = gone_grace
        self._restart_grace = restart_grace
        self._wake = asyncio.Event()
        self._owner = 0
        self._session: OwnerSession | None = None
        self._held: dict[int, int] = {}
        """The attempt that we hold, by item."""
        self._missing_since: dict[int, float] = {}
        self._looked_at = 0.0
        self._strays: set[asyncio.Task[Any]] = set()

    @property
    def wake(self) -> asyncio.Event:
        return self._wake

    @asynccontextmanager
    async def listening(self) -> AsyncGenerator[Self]:
        """Be an owner: others see that we live, and we hear what is put. Raises StorageUnavailable."""
        async with self._database.transaction() as connection:
            self._owner = int((await connection.execute(statements.NEXT_OWNER)).scalar_one())
        self._session = OwnerSession(self._database.uri, self._owner, self._wake)
        task = asyncio.create_task(self._session.run(), name="inbox-session")
        try:
            await self._session.wait_until_up()
            yield self
        finally:
            task.cancel()
            await asyncio.gather(task, *self._strays, return_exceptions=True)

    async def put(self, item: Item) -> bool:
        values = {
            "dedupe_key": item.dedupe_key,
            "conversation": item.conversation,
            "spoken_at": item.spoken_at,
            "kind": item.kind,
            "payload": item.model_dump_json(),
        }
        return await self._promptly(statements.PUT, values) == 1

    async def request_stop(self, conversation: str) -> bool:
        return await self._promptly(statements.REQUEST_STOP, {"conversation": conversation}) > 0

    async def amend(self, item: Item) -> bool:
        values = {"dedupe_key": item.dedupe_key, "payload": item.model_dump_json()}
        return await self._promptly(statements.AMEND, values) == 1

    async def look_up(self, dedupe_key: str) -> Item | None:
        try:
            async with self._database.transaction() as connection:
                found = await connection.execute(statements.LOOK_UP, {"dedupe_key": dedupe_key})
                payload = found.scalar_one_or_none()
        except StorageUnavailable as error:
            raise InboxUnavailable(str(error)) from error
        try:
            return None if payload is None else ITEM.validate_json(payload)
        except ValueError:  # put by another version
            return None

    async def withdraw(self, dedupe_key: str) -> bool:
        return await self._promptly(statements.WITHDRAW, {"dedupe_key": dedupe_key}) == 1

    async def claim(self, limit: int, *, control: bool = False) -> list[Claim]:
        values = {"limit": limit, "control": control, "owner": self._owner, "lease": self._lease}
        try:
            async with self._database.transaction() as connection:
                await self._requeue_lost(connection)
                rows = (await connection.execute(statements.CLAIM, values)).all()
        except IntegrityError:
            self._wake.set()  # somebody runs an item of one of these conversations: look again without it
            return []
        self._held.update({row.id: row.attempts for row in rows})
        claims = [await self._open(row) for row in rows]
        return [claim for claim in claims if claim is not None]

    async def renew(self) -> frozenset[int]:
        before = sorted(self._held)  # what is claimed during the call is not in its answer
        values = {"owner": self._owner, "held": before, "lease": self._lease}
        async with self._database.transaction() as connection:
            held = frozenset((await connection.execute(statements.RENEW, values)).scalars())
        for lost in set(before) - held:
            self._held.pop(lost, None)
        return held

    async def stop_requests(self) -> frozenset[int]:
        async with self._database.transaction() as connection:
            return frozenset((await connection.execute(statements.STOP_REQUESTS, {"owner": self._owner})).scalars())

    async def complete(self, claim: Claim) -> bool:
        return await self._end(statements.COMPLETE, claim.id, claim.attempt)

    async def retry(self, claim: Claim, error: str, after: timedelta) -> bool:
        return await self._end(statements.RETRY, claim.id, claim.attempt, error=_clean(error), after=after)

    async def release(self, claim: Claim) -> bool:
        return await self._end(statements.RELEASE, claim.id, claim.attempt)

    async def bury(self, claim: Claim, error: str) -> bool:
        return await self._end(statements.BURY, claim.id, claim.attempt, error=_clean(error))

    async def prune(self, older_than: timedelta) -> int:
        values = {"older_than": older_than, "buried_older_than": KEEP_BURIED}
        async with self._database.transaction() as connection:
            return (await connection.execute(statements.PRUNE, values)).rowcount

    async def _promptly(self, statement: TextClause, values: dict[str, Any]) -> int:
        """The rows that *statement* touched; InboxUnavailable when that takes too long.

        A frozen server is left behind in a task: cancelling a query asks that same server, and takes as long.
        """

        async def write() -> int:
            async with self._database.transaction() as connection:
                return (await connection.execute(statement, values)).rowcount

        task = asyncio.create_task(write(), name="inbox-put")
        try:
            done, _ = await asyncio.wait({task}, timeout=PUT_SECONDS)
        finally:
            if not task.done():
                self._strays.add(task)
                task.add_done_callback(self._forget_stray)
                task.cancel()
        if not done:
            raise InboxUnavailable("Postgres does not answer")
        try:
            return task.result()
        except StorageUnavailable as error:
            raise InboxUnavailable(str(error)) from error

    def _forget_stray(self, task: asyncio.Task[Any]) -> None:
        self._strays.discard(task)
        if not task.cancelled() and (error := task.exception()):
            log.warning("inbox.put_failed_late", error=type(error).__name__)

    async def _requeue_lost(self, connection: AsyncConnection) -> None:
        assert self._session is not None, "claim only inside listening()"
        now = time.monotonic()
        if now - self._looked_at < LOOK_FOR_LOST_SECONDS:
            return
        self._looked_at = now
        if not self._session.trusts_locks(self._restart_grace.total_seconds()):
            self._missing_since.clear()
            return
        missing = (await connection.execute(statements.OWNERS_WITHOUT_LOCK, {"owner": self._owner})).scalars().all()
        self._missing_since = {owner: self._missing_since.get(owner, now) for owner in missing}
        grace = self._gone_grace.total_seconds()
        gone = [owner for owner, since in self._missing_since.items() if now - since >= grace]
        values = {"held": sorted(self._held), "gone": gone, "grace": self._restart_grace}
        lost = (await connection.execute(statements.REQUEUE_LOST, values)).scalars().all()
        if lost:
            log.warning("inbox.taken_from_the_dead", items=len(lost), owners=gone)
        if len(gone) < len(missing):
            asyncio.get_running_loop().call_later(max(grace, LOOK_FOR_LOST_SECONDS) + 0.05, self._wake.set)

    async def _open(self, row: Row[Any]) -> Claim | None:
        """None when the payload is of no known shape (another version's): buried, for it would crash every worker."""
        try:
            item = ITEM.validate_json(row.payload)
        except ValueError as error:
            log.error("inbox.unreadable", row=row.id, error=type(error).__name__)
            await self._end(statements.BURY, row.id, row.attempts, error="the payload has no known shape")
            self._wake.set()
            return None
        return Claim(row.id, item, row.attempts, failures=row.failures, last_error=row.error or "")

    async def _end(self, statement: TextClause, claim_id: int, attempt: int, **values: object) -> bool:
        """Write how a claim ended, waiting for the server if need be: an outcome must not be lost.

        (When the server committed but could not say so, the second write finds nothing to do, and says False.)
        """
        values |= {"id": claim_id, "owner": self._owner, "attempt": attempt}
        delay = 0.05
        try:
            while True:
                try:
                    async with self._database.transaction() as connection:
                        rows = (await connection.execute(statement, values)).rowcount
                except StorageUnavailable as error:
                    log.warning("inbox.outcome_waits", row=claim_id, error=str(error))
                    await asyncio.sleep(delay)
                    delay = min(1.0, delay * 2)
                else:
                    return rows == 1
        finally:
            if self._held.get(claim_id) == attempt:  # also when it could not be written: then the lease must end
                del self._held[claim_id]


def _clean(error: str) -> str:
    """As the log may hold it, too. Postgres has no NUL in text."""
    return redact(error).replace("\x00", "\N{REPLACEMENT CHARACTER}")[:LONGEST_ERROR]
