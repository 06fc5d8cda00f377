"""Query results in Postgres: compressed, of bounded size, gone when they expire."""

import asyncio
import json
import uuid
import zlib
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import structlog
from pydantic import TypeAdapter
from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert

from agent.results import StoredResult
from agent.turn import Table
from bot.storage.database import Database
from bot.storage.tables import results

log = structlog.get_logger(__name__)

LARGEST_BODY = 4 * 1024 * 1024
"""Compressed. The rows beyond it are dropped and the table says that it is truncated."""
LONGEST_SWEEP = 100
"""Expired results removed beside one that is kept: the table stays small without a job of its own."""

_RESULT: TypeAdapter[StoredResult] = TypeAdapter(StoredResult)


class PostgresResults:
    """Every method raises StorageUnavailable."""

    def __init__(
        self,
        database: Database,
        *,
        largest_body: int = LARGEST_BODY,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._database = database
        self._largest_body = largest_body
        self._now = now

    async def keep(self, result: StoredResult) -> str:
        body = await asyncio.to_thread(_pack, result, self._largest_body)
        content = {"conversation": result.conversation, "body": body, "expires_at": result.expires_at}
        statement = (
            insert(results)
            .values(id=uuid.uuid4().hex, turn_id=result.turn_id, fingerprint=result.fingerprint, **content)
            .on_conflict_do_update(constraint="results_of_one_run", set_=content)
            .returning(results.c.id)
        )
        expired = select(results.c.id).where(results.c.expires_at <= self._now()).limit(LONGEST_SWEEP)
        # Skip what another sweep holds: two that lock the same rows in different orders would deadlock.
        expired = expired.with_for_update(skip_locked=True)
        async with self._database.transaction() as connection:
            await connection.execute(delete(results).where(results.c.id.in_(expired.cte("expired").select())))
            return str((await connection.execute(statement)).scalar_one())

    async def load(self, result_id: str) -> StoredResult | None:
        wanted = select(results.c.body).where(results.c.id == result_id, results.c.expires_at > self._now())
        async with self._database.transaction() as connection:
            body = (await connection.execute(wanted)).scalar_one_or_none()
        return None if body is None else await asyncio.to_thread(_unpack, body)


def _pack(result: StoredResult, largest: int) -> bytes:
    rows = result.table.rows
    while True:
        # The standard library's JSON, for pydantic's turns NaN and infinity into null.
        text = json.dumps(_RESULT.dump_python(result) | {"expires_at": result.expires_at.isoformat()})
        body = zlib.compress(text.encode("ascii"))
        if len(body) <= largest or not rows:
            return body
        log.info("results.truncated", rows=len(rows), bytes=len(body))
        rows = rows[: len(rows) // 2]
        result = replace(result, table=Table(result.table.columns, rows, result.table.total_rows))


def _unpack(body: bytes) -> StoredResult:
    return _RESULT.validate_python(json.loads(zlib.decompress(body)))
