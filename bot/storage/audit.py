"""The audit in Postgres: written once by key, read in order, pruned by age and by nothing else."""

import json
from collections.abc import AsyncGenerator, Collection
from datetime import datetime
from typing import Any, Final

from pydantic import TypeAdapter
from sqlalchemy import RowMapping, and_, case, delete, func, literal, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from agent.audit import AuditEntry
from agent.notice import Notice
from agent.spend import Payers
from agent.turn import DecisionWord, Usage
from bot.storage.database import Database
from bot.storage.tables import approvals, audit, reservation_accounts, reservations

KEPT_DAYS: Final = 30
"""Nobody removes what is younger: the trigger on the table says so, too."""
PAGE_ROWS: Final = 500
"""Rows read at a time: an export of any length holds no more than these."""

_REASONS: TypeAdapter[tuple[Notice, ...]] = TypeAdapter(tuple[Notice, ...])


class PostgresAudit:
    """Every method raises StorageUnavailable."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def record(self, entry: AuditEntry) -> None:
        async with self._database.transaction() as connection:
            await insert_entry(connection, entry)

    async def rows(self, since: datetime, until: datetime) -> AsyncGenerator[dict[str, Any]]:
        """Every row with since <= `at` < until, oldest first, by the columns of the table.

        Read page by page, each in a transaction of its own: an export holds nothing open, however slow its reader.
        """
        last: tuple[datetime, int] | None = None
        while True:
            page = select(audit).where(audit.c.at >= since, audit.c.at < until)
            if last is not None:
                page = page.where(text("(at, id) > (:at, :id)").bindparams(at=last[0], id=last[1]))
            async with self._database.transaction() as connection:
                found = await connection.execute(page.order_by(audit.c.at, audit.c.id).limit(PAGE_ROWS))
                rows = found.mappings().all()
            for row in rows:
                yield {**row, "reasons": json.loads(row["reasons"]), "prompts": json.loads(row["prompts"])}
            if len(rows) < PAGE_ROWS:
                return
            last = (rows[-1]["at"], rows[-1]["id"])

    async def of_turn(self, turn_id: str) -> tuple[AuditEntry, ...]:
        """What is written down of the turn, oldest first."""
        wanted = select(audit).where(audit.c.turn_id == turn_id).order_by(audit.c.at, audit.c.id)
        async with self._database.transaction() as connection:
            rows = (await connection.execute(wanted)).mappings().all()
        return tuple(map(_entry_of, rows))

    async def prune(self, before: datetime) -> int:
        """Remove what is older than *before*; how many rows that was. What is younger than KEPT_DAYS is refused."""
        ended = select(reservations.c.job_id).where(reservations.c.state != "held", reservations.c.at < before)
        async with self._database.transaction() as connection:
            await connection.execute(text("SELECT set_config('data_bolt.audit_retention', 'on', true)"))
            removed = await connection.execute(delete(audit).where(audit.c.at < before))
            await connection.execute(delete(reservation_accounts).where(reservation_accounts.c.job_id.in_(ended)))
            await connection.execute(delete(reservations).where(reservations.c.job_id.in_(ended)))
        return removed.rowcount


async def insert_entry(connection: AsyncConnection, entry: AuditEntry) -> bool:
    """Whether *entry* is new. It commits with what else the transaction of *connection* does."""
    values = {
        "key": entry.key,
        "kind": entry.kind,
        "at": entry.at,
        "turn_id": entry.turn_id,
        "conversation": entry.conversation,
        "team": entry.payers.team,
        "asker": entry.payers.user,
        "channel": entry.payers.channel,
        "groups": sorted(entry.payers.groups),
        "question": _storable(entry.question),
        "sql": _storable(entry.sql),
        "fingerprint": entry.fingerprint,
        "tables": list(entry.tables),
        "decision": None if entry.decision is None else entry.decision.value,
        "reasons": json.dumps(_REASONS.dump_python(entry.reasons), ensure_ascii=True),
        "approval_id": entry.approval_id,
        "approver": entry.approver,
        "job_id": entry.job_id,
        "outcome": entry.outcome,
        "bytes_estimated": entry.bytes_estimated,
        "bytes_billed": entry.bytes_billed,
        "cost_usd": entry.cost_usd,
        "model": entry.model,
        "prompts": json.dumps(dict(entry.prompts), sort_keys=True),
        "input_tokens": entry.usage.input_tokens,
        "output_tokens": entry.usage.output_tokens,
        "policy_version": entry.policy_version,
    }
    written = insert(audit).values(**values).on_conflict_do_nothing(constraint="audit_key").returning(audit.c.id)
    return (await connection.execute(written)).scalar_one_or_none() is not None


async def insert_words(connection: AsyncConnection, approval_ids: Collection[str]) -> None:
    """A row for the word that was given, or was not given in time, on each of these approvals: once, with the word.

    It repeats the decision that asked for it: who asked, where, and what, as the audit has it already.
    """
    asked = audit.alias("asked")
    word = {
        "key": literal("approval:") + approvals.c.id,
        "at": func.coalesce(approvals.c.decided_at, approvals.c.expires_at),
        "decision": case((approvals.c.state == "approved", "auto_execute"), else_="blocked"),
        "approval_id": approvals.c.id,
        "approver": approvals.c.decided_by,
        "outcome": approvals.c.state,
    }
    names = [column.name for column in audit.columns if column.name not in ("id", "recorded_at")]
    given = (
        select(*(word.get(name, asked.c[name]).label(name) for name in names))
        .join_from(
            approvals,
            asked,
            and_(asked.c.turn_id == approvals.c.turn_id, asked.c.fingerprint == approvals.c.fingerprint),
        )
        .where(approvals.c.id.in_(approval_ids), approvals.c.state != "pending")
        .where(asked.c.kind == "decision", asked.c.decision == "approval_required")
    )
    await connection.execute(insert(audit).from_select(names, given).on_conflict_do_nothing(constraint="audit_key"))


def _entry_of(row: RowMapping) -> AuditEntry:
    return AuditEntry(
        key=row["key"],
        kind=row["kind"],
        at=row["at"],
        turn_id=row["turn_id"],
        conversation=row["conversation"],
        payers=Payers(row["team"], row["asker"], row["channel"], frozenset(row["groups"])),
        policy_version=row["policy_version"],
        question=row["question"],
        sql=row["sql"],
        fingerprint=row["fingerprint"],
        tables=tuple(row["tables"]),
        decision=None if row["decision"] is None else DecisionWord(row["decision"]),
        reasons=_REASONS.validate_json(row["reasons"]),
        approval_id=row["approval_id"],
        approver=row["approver"],
        job_id=row["job_id"],
        outcome=row["outcome"],
        bytes_estimated=row["bytes_estimated"],
        bytes_billed=row["bytes_billed"],
        cost_usd=row["cost_usd"],
        model=row["model"],
        prompts=json.loads(row["prompts"]),
        usage=Usage(0, row["input_tokens"], row["output_tokens"]),
    )


def _storable(words: str) -> str:
    return words.replace("\x00", "\N{REPLACEMENT CHARACTER}")  # Postgres has no NUL in text
