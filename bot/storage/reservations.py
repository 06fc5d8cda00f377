"""Reservations: what is held for one job. Every function runs in the caller's transaction.

`held` until the bill is known, then `settled`, for good; `returned` when the job never ran, and it may be held anew.
"""

import json
from collections.abc import Collection
from datetime import timedelta
from typing import Any, Final, Literal, cast

from pydantic import TypeAdapter
from sqlalchemy import Row, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from agent.audit import AuditEntry
from agent.spend import Amount
from bot.storage.budget_accounts import AccountKey
from bot.storage.tables import reservation_accounts, reservations

State = Literal["held", "returned", "settled"]
_MOST_AT_ONCE: Final = 100
_ENTRY: TypeAdapter[AuditEntry] = TypeAdapter(AuditEntry)


async def place(connection: AsyncConnection, job: AuditEntry, need: Amount) -> State:
    """The state of the job's reservation, its row locked; `returned` for a new one, which stays so if it is refused."""
    assert job.job_id is not None
    # Two that reserve one job at once meet here: the second waits until the first has committed.
    await connection.execute(insert(reservations).values(state="returned", **_row(job, need)).on_conflict_do_nothing())
    row = await locked(connection, job.job_id)
    assert row is not None, "inserted above"
    return cast(State, row.state)


async def hold(connection: AsyncConnection, job: AuditEntry, need: Amount, keys: Collection[AccountKey]) -> None:
    of_job = reservations.c.job_id == job.job_id
    values = _row(job, need) | {"state": "held", "touched_at": func.now()}
    await connection.execute(update(reservations).where(of_job).values(values))
    # Held anew on another day: yesterday's accounts have nothing to do with it any more.
    await connection.execute(delete(reservation_accounts).where(reservation_accounts.c.job_id == job.job_id))
    if keys:
        lines = [{"job_id": job.job_id, **key._asdict()} for key in keys]
        await connection.execute(insert(reservation_accounts).values(lines))


async def locked(connection: AsyncConnection, job_id: str) -> Row[Any] | None:
    wanted = select(reservations).where(reservations.c.job_id == job_id).with_for_update()
    return (await connection.execute(wanted)).one_or_none()


async def mark(connection: AsyncConnection, job_id: str, state: State) -> None:
    await connection.execute(
        update(reservations).where(reservations.c.job_id == job_id).values(state=state, touched_at=func.now())
    )


async def touch(connection: AsyncConnection, job_id: str) -> None:
    """Somebody works on it: the collector stays away."""
    await connection.execute(update(reservations).where(reservations.c.job_id == job_id).values(touched_at=func.now()))


async def are_taken(connection: AsyncConnection, jobs: Collection[str]) -> bool:
    """Whether one of *jobs* is held or settled."""
    taken = select(reservations.c.job_id).where(reservations.c.job_id.in_(jobs), reservations.c.state != "returned")
    return (await connection.execute(taken.limit(1))).first() is not None


async def untouched(connection: AsyncConnection, since: timedelta) -> tuple[str, ...]:
    """Jobs that are held, and that nobody asked for in that time, oldest first."""
    old = (
        select(reservations.c.job_id)
        .where(reservations.c.state == "held", reservations.c.touched_at <= func.now() - since)
        .order_by(reservations.c.touched_at)
        .limit(_MOST_AT_ONCE)
    )
    return tuple((await connection.execute(old)).scalars())


async def accounts_holding(connection: AsyncConnection, job_id: str) -> list[AccountKey]:
    held = select(reservation_accounts).where(reservation_accounts.c.job_id == job_id)
    rows = (await connection.execute(held)).all()
    return [AccountKey(row.scope, row.subject, row.period, row.starts_on) for row in rows]


def entry_of(row: Row[Any]) -> AuditEntry:
    return _ENTRY.validate_json(row.entry)


def _row(job: AuditEntry, need: Amount) -> dict[str, Any]:
    return {
        "job_id": job.job_id,
        "bytes": need.bytes,
        "usd": need.usd,
        "team": job.payers.team,
        "asker": job.payers.user,
        "channel": job.payers.channel,
        "groups": sorted(job.payers.groups),
        "at": job.at,
        "entry": json.dumps(_ENTRY.dump_python(job, mode="json")),
    }
