"""The inbox as an operator looks at it: what lies there, and a dead letter or a stuck item moved by hand.

What runs is its worker's: it is never touched here.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal, TypeAlias

from sqlalchemy import ColumnElement, Row, and_, case, delete, func, insert, literal, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.inbox.retry import DROPPED, RetryPolicy
from bot.storage.database import Database
from bot.storage.inbox_session import CHANNEL
from bot.storage.tables import inbox

State: TypeAlias = Literal["waiting", "retrying", "running", "failed", "done"]
"""retrying: it failed and is tried again at `run_after`; failed: a dead letter."""
Moved: TypeAlias = Literal["moved", "unknown", "runs", "done"]
"""What became of a wish: anything but `moved` says why nothing was changed."""

_STATE: Final = case(
    (inbox.c.status == "buried", "failed"),
    (and_(inbox.c.status == "queued", inbox.c.failures > 0), "retrying"),
    (inbox.c.status == "queued", "waiting"),
    else_=inbox.c.status,
)
_BEGUN: Final = 1
"""Of an item's attempts: the next one looks for the reply that an earlier one may have posted."""


@dataclass(frozen=True, slots=True)
class InboxLine:
    id: int
    key: str
    """The dedupe key, which log lines call `item`."""
    conversation: str
    kind: str
    state: State
    attempts: int
    failures: int
    put_at: datetime
    run_after: datetime
    finished_at: datetime | None
    is_overdue: bool
    """Its worker's lease has ended: another worker takes it, if there is one."""
    error: str | None
    """May quote people's words."""
    payload: str
    """As it was put: people's words, and addresses that are secrets."""


class InboxDesk:
    """An item is named by its id or its dedupe key. Every method raises StorageUnavailable."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def lines(self, states: Collection[State], *, limit: int) -> list[InboxLine]:
        """Those in *states*, oldest first; the *limit* newest of them."""
        overdue = func.coalesce(inbox.c.leased_until < func.now(), False).label("is_overdue")
        wanted = select(inbox, _STATE.label("state"), overdue).where(_STATE.in_(states))
        async with self._database.transaction() as connection:
            newest = wanted.order_by(inbox.c.spoken_at.desc(), inbox.c.id.desc()).limit(limit)
            rows = (await connection.execute(newest)).all()
        return [_line(row) for row in reversed(rows)]

    async def retry(self, name: str) -> Moved:
        """Back into the queue, to be taken at once, as if it had never failed or been dropped."""
        async with self._database.transaction() as connection:
            row = await _locked(connection, name)
            if row is None or row.status in ("running", "done"):
                return _not_moved(row)
            if row.status == "buried":
                await _put_anew(connection, row)
            else:
                anew = {"failures": 0, "run_after": func.now()}
                await connection.execute(update(inbox).where(inbox.c.id == row.id).values(anew))
            await _wake_workers(connection)
            return "moved"

    async def drop(self, name: str, *, by: str) -> Moved:
        """A dead letter is done with. What waits is given up by the next worker, which tells the person so."""
        async with self._database.transaction() as connection:
            row = await _locked(connection, name)
            if row is None or row.status in ("running", "done"):
                return _not_moved(row)
            word = f"{DROPPED}{by}"
            if row.status == "buried":
                values = {"status": "done", "error": func.concat(inbox.c.error, literal(f" ({word})"))}
            else:
                given_up = RetryPolicy().max_failures
                values = {"failures": given_up, "run_after": func.now(), "error": word}
            await connection.execute(update(inbox).where(inbox.c.id == row.id).values(values))
            await _wake_workers(connection)
            return "moved"


async def _locked(connection: AsyncConnection, name: str) -> Row[tuple[object, ...]] | None:
    """Nobody claims it before this transaction ends."""
    wanted = or_(inbox.c.dedupe_key == name, _has_id(name))
    return (await connection.execute(select(inbox).where(wanted).with_for_update())).one_or_none()


def _has_id(name: str) -> ColumnElement[bool]:
    is_id = name.isascii() and name.isdigit() and len(name) < 19
    return inbox.c.id == int(name) if is_id else literal(False)


def _not_moved(row: Row[tuple[object, ...]] | None) -> Moved:
    if row is None:
        return "unknown"
    return "runs" if row.status == "running" else "done"


async def _put_anew(connection: AsyncConnection, row: Row[tuple[object, ...]]) -> None:
    """Under another id, for the count of its attempts begins again: what a worker of before may still write is fenced
    off by the id as it was by the count."""
    kept = {name: getattr(row, name) for name in ("dedupe_key", "conversation", "spoken_at", "kind", "payload")}
    await connection.execute(delete(inbox).where(inbox.c.id == row.id))
    await connection.execute(insert(inbox).values(**kept, attempts=_BEGUN, created_at=row.created_at))


async def _wake_workers(connection: AsyncConnection) -> None:
    """At the commit."""
    await connection.execute(select(func.pg_notify(CHANNEL, "")))


def _line(row: Row[tuple[object, ...]]) -> InboxLine:
    return InboxLine(
        id=row.id,
        key=row.dedupe_key,
        conversation=row.conversation,
        kind=row.kind,
        state=row.state,
        attempts=row.attempts,
        failures=row.failures,
        put_at=row.created_at,
        run_after=row.run_after,
        finished_at=row.finished_at,
        is_overdue=row.is_overdue,
        error=row.error,
        payload=row.payload,
    )
