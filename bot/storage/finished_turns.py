"""Turns as they finish, with what they cost: from the inbox, the replies and the audit."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import Row, Select, func, select

from bot.storage.database import Database
from bot.storage.tables import audit, inbox, replies

LATE: Final = timedelta(seconds=15)
"""A turn finishes when its transaction began: one that commits later may stand before one that was seen."""

_BILL: Final = (
    select(
        func.sum(audit.c.cost_usd).label("usd"),
        func.sum(audit.c.bytes_billed).label("bytes_billed"),
        func.sum(audit.c.input_tokens).label("input_tokens"),
        func.sum(audit.c.output_tokens).label("output_tokens"),
        func.array_agg(audit.c.job_id.distinct()).filter(audit.c.job_id.is_not(None)).label("jobs"),
    )
    .where(audit.c.turn_id == inbox.c.dedupe_key, audit.c.kind.in_(("job", "model")))
    .lateral("bill")
)


@dataclass(frozen=True, slots=True)
class FinishedTurn:
    id: int
    """Of its inbox item."""
    turn_id: str
    conversation: str
    finished_at: datetime
    took: timedelta
    """From its arrival, so with its wait in the line."""
    attempts: int
    is_buried: bool
    error: str | None
    """Of the last attempt that failed. May quote people's words."""
    has_reply: bool
    answer: str | None
    """As `bot.replies.encode_answer` wrote it; None once it is forgotten."""
    usd: Decimal | None
    """Queries and model calls; None where no price is known."""
    bytes_billed: int
    input_tokens: int
    output_tokens: int
    jobs: tuple[str, ...]


async def finished_turns(
    database: Database, *, since: datetime | None = None, conversation: str | None = None, limit: int
) -> list[FinishedTurn]:
    """In the order in which they finished; the *limit* newest. *since*: and a little before it. StorageUnavailable."""
    newest = _finished(conversation).order_by(inbox.c.finished_at.desc(), inbox.c.id.desc()).limit(limit)
    if since is not None:
        newest = newest.where(inbox.c.finished_at > since - LATE)
    async with database.transaction() as connection:
        rows = (await connection.execute(newest)).all()
    return [_turn(row) for row in reversed(rows)]


def _finished(conversation: str | None) -> Select[Any]:
    wanted = (
        select(inbox, replies.c.turn_id.label("reply"), replies.c.answer, _BILL)
        .outerjoin(replies, replies.c.turn_id == inbox.c.dedupe_key)
        .join(_BILL, onclause=inbox.c.id.is_not(None))  # the aggregate is one row for each turn
        .where(inbox.c.kind == "turn", inbox.c.status.in_(("done", "buried")))
    )
    return wanted if conversation is None else wanted.where(inbox.c.conversation == conversation)


def _turn(row: Row[Any]) -> FinishedTurn:
    return FinishedTurn(
        id=row.id,
        turn_id=row.dedupe_key,
        conversation=row.conversation,
        finished_at=row.finished_at,
        took=row.finished_at - row.created_at,
        attempts=row.attempts,
        is_buried=row.status == "buried",
        error=row.error,
        has_reply=row.reply is not None,
        answer=row.answer,
        usd=row.usd,
        bytes_billed=int(row.bytes_billed or 0),
        input_tokens=int(row.input_tokens or 0),
        output_tokens=int(row.output_tokens or 0),
        jobs=tuple(row.jobs or ()),
    )
