"""Approvals in Postgres. A decision and an expiry are one guarded statement each, by the database's own clock."""

import json
import uuid
from typing import Any, Final

from pydantic import TypeAdapter
from sqlalchemy import Row, func, select, update
from sqlalchemy.dialects.postgresql import insert

from agent.notice import Notice
from agent.policy.approvals import Approval, ApprovalRequest, ApprovalState, Decided
from agent.policy.deciders import Deciders
from agent.turn import Column
from bot.storage.audit import insert_words
from bot.storage.database import Database
from bot.storage.tables import approvals

_REASONS: TypeAdapter[tuple[Notice, ...]] = TypeAdapter(tuple[Notice, ...])
_DECIDERS: TypeAdapter[Deciders] = TypeAdapter(Deciders)
_COLUMNS: TypeAdapter[tuple[Column, ...]] = TypeAdapter(tuple[Column, ...])

# One clock for all replicas: were two of them to differ, a card could say "expired" and a press count all the same.
_NOW: Final = func.clock_timestamp()
_IS_OVER: Final = (approvals.c.state == "pending") & (approvals.c.expires_at <= _NOW)
_IS_OPEN: Final = (approvals.c.state == "pending") & (approvals.c.expires_at > _NOW)
_EXPIRED: Final = {"state": ApprovalState.EXPIRED.value, "decided_at": approvals.c.expires_at}
_READ: Final = select(approvals, _IS_OVER.label("is_over"))


class PostgresApprovals:
    """Every method raises StorageUnavailable."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def request(self, request: ApprovalRequest) -> str:
        same = (approvals.c.turn_id == request.turn_id) & (approvals.c.fingerprint == request.fingerprint)
        values = {
            "id": uuid.uuid4().hex,
            "turn_id": request.turn_id,
            "fingerprint": request.fingerprint,
            "conversation": request.conversation,
            "requester": request.requester,
            "question": request.question.replace("\x00", "\N{REPLACEMENT CHARACTER}"),  # Postgres has no NUL in text
            "sql": request.sql,
            "tables": list(request.tables),
            "bytes_ceiling": request.bytes_ceiling,
            "cost_ceiling_usd": request.cost_ceiling_usd,
            "reasons": json.dumps(_REASONS.dump_python(request.reasons)),
            "expires_at": request.expires_at,
            "deciders": _DECIDERS.dump_json(request.deciders).decode(),
            "columns": _COLUMNS.dump_json(request.columns).decode(),
        }
        async with self._database.transaction() as connection:
            # A redelivered turn asks again: it gets the row that people may already have pressed.
            await connection.execute(
                insert(approvals).values(**values).on_conflict_do_nothing(constraint="approvals_of_one_statement")
            )
            return str((await connection.execute(select(approvals.c.id).where(same))).scalar_one())

    async def get(self, approval_id: str) -> Approval | None:
        async with self._database.transaction() as connection:
            row = (await connection.execute(_READ.where(approvals.c.id == approval_id))).one_or_none()
        return None if row is None else _approval(row)

    async def pending(self, conversation: str) -> tuple[Approval, ...]:
        wanted = _READ.where(approvals.c.conversation == conversation, _IS_OPEN)
        async with self._database.transaction() as connection:
            rows = await connection.execute(wanted.order_by(approvals.c.created_at, approvals.c.id))
            return tuple(_approval(row) for row in rows)

    async def decide(self, approval_id: str, by: str, *, approve: bool, via: str = "") -> Decided | None:
        of_id = approvals.c.id == approval_id
        state = ApprovalState.APPROVED if approve else ApprovalState.DENIED
        word = {"state": state.value, "decided_by": by, "decided_at": _NOW, "decided_via": via}
        async with self._database.transaction() as connection:
            # Two presses at once: the second waits for the first one's row, finds it decided, and changes nothing.
            changed = (await connection.execute(update(approvals).where(of_id, _IS_OPEN).values(**word))).rowcount
            if not changed:
                # Too late: written down here, so that this press and the sweep cannot tell it differently.
                await connection.execute(update(approvals).where(of_id, _IS_OVER).values(**_EXPIRED))
            await insert_words(connection, [approval_id])
            row = (await connection.execute(_READ.where(of_id))).one_or_none()
        if row is None:
            return None
        return Decided(_approval(row), is_first=bool(changed) or (via != "" and row.decided_via == via))

    async def open(self, limit: int) -> tuple[Approval, ...]:
        """`bot.home.contents.PendingApprovals`."""
        wanted = _READ.where(_IS_OPEN).order_by(approvals.c.expires_at, approvals.c.id).limit(limit)
        async with self._database.transaction() as connection:
            return tuple(_approval(row) for row in await connection.execute(wanted))

    async def outdated_cards(self, limit: int) -> tuple[Approval, ...]:
        """Approvals whose card says something else than their row; those whose time is up are written down first."""
        due = select(approvals.c.id).where(_IS_OVER).limit(limit).with_for_update(skip_locked=True)
        outdated = _READ.where(approvals.c.card_state != approvals.c.state).limit(limit)
        async with self._database.transaction() as connection:
            # The condition stands twice: a press that held the row meanwhile has decided it.
            expired = update(approvals).where(approvals.c.id.in_(due.scalar_subquery()), _IS_OVER).values(**_EXPIRED)
            await connection.execute(expired)
            found = tuple(_approval(row) for row in await connection.execute(outdated))
            await insert_words(connection, [approval.id for approval in found])
        return found

    async def settled_of(self, turn_id: str) -> tuple[Approval, ...]:
        wanted = _READ.where(approvals.c.turn_id == turn_id, approvals.c.state != "pending")
        async with self._database.transaction() as connection:
            return tuple(_approval(row) for row in await connection.execute(wanted))

    async def card_shows(self, approval_id: str, state: ApprovalState) -> None:
        """The card says *state* now."""
        async with self._database.transaction() as connection:
            shown = update(approvals).where(approvals.c.id == approval_id).values(card_state=state.value)
            await connection.execute(shown)


def _approval(row: Row[Any]) -> Approval:
    request = ApprovalRequest(
        turn_id=row.turn_id,
        conversation=row.conversation,
        requester=row.requester,
        question=row.question,
        sql=row.sql,
        fingerprint=row.fingerprint,
        tables=tuple(row.tables),
        bytes_ceiling=row.bytes_ceiling,
        cost_ceiling_usd=row.cost_ceiling_usd,
        reasons=_REASONS.validate_json(row.reasons),
        expires_at=row.expires_at,
        deciders=_DECIDERS.validate_json(row.deciders),
        columns=_COLUMNS.validate_json(row.columns),
    )
    if row.is_over:
        return Approval(row.id, request, ApprovalState.EXPIRED, decided_at=row.expires_at)
    return Approval(row.id, request, ApprovalState(row.state), decided_by=row.decided_by, decided_at=row.decided_at)
