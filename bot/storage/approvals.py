"""Approvals in Postgres. A decision is taken once, under the row's lock; expiry is read off the clock."""

import json
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import Row, select, update
from sqlalchemy.dialects.postgresql import insert

from agent.notice import Notice
from agent.policy.approvals import Approval, ApprovalRequest, ApprovalState, Decided
from bot.storage.database import Database
from bot.storage.tables import approvals

_REASONS: TypeAdapter[tuple[Notice, ...]] = TypeAdapter(tuple[Notice, ...])


class PostgresApprovals:
    """Every method raises StorageUnavailable."""

    def __init__(self, database: Database, *, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._database = database
        self._now = now

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
        }
        async with self._database.transaction() as connection:
            # A redelivered turn asks again: it gets the row that people may already have pressed.
            await connection.execute(
                insert(approvals).values(**values).on_conflict_do_nothing(constraint="approvals_of_one_statement")
            )
            return str((await connection.execute(select(approvals.c.id).where(same))).scalar_one())

    async def get(self, approval_id: str) -> Approval | None:
        wanted = select(approvals).where(approvals.c.id == approval_id)
        async with self._database.transaction() as connection:
            row = (await connection.execute(wanted)).one_or_none()
        return None if row is None else self._approval(row)

    async def pending(self, conversation: str) -> tuple[Approval, ...]:
        wanted = (
            select(approvals)
            .where(
                approvals.c.conversation == conversation,
                approvals.c.state == "pending",
                approvals.c.expires_at > self._now(),
            )
            .order_by(approvals.c.created_at, approvals.c.id)
        )
        async with self._database.transaction() as connection:
            return tuple(self._approval(row) for row in await connection.execute(wanted))

    async def decide(self, approval_id: str, by: str, *, approve: bool) -> Decided | None:
        of_id = approvals.c.id == approval_id
        async with self._database.transaction() as connection:
            # Two presses at once: the second waits here for the first, and then sees what it decided.
            row = (await connection.execute(select(approvals).where(of_id).with_for_update())).one_or_none()
            if row is None:
                return None
            before = self._approval(row)
            if before.state is not ApprovalState.PENDING:
                return Decided(before, is_first=False)
            state = ApprovalState.APPROVED if approve else ApprovalState.DENIED
            decision = {"state": state.value, "decided_by": by, "decided_at": self._now()}
            changed = update(approvals).where(of_id).values(**decision).returning(approvals)
            after = (await connection.execute(changed)).one()
        return Decided(self._approval(after), is_first=True)

    def _approval(self, row: Row[Any]) -> Approval:
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
        )
        state = ApprovalState(row.state)
        if state is ApprovalState.PENDING and row.expires_at <= self._now():
            state = ApprovalState.EXPIRED
        return Approval(row.id, request, state, decided_by=row.decided_by, decided_at=row.decided_at)
