"""Runs that may stand for others, in Postgres: one for each key, gone with its result."""

import json

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert

from agent.result_cache import KeptRun
from bot.storage.database import Database
from bot.storage.tables import kept_runs, results


class PostgresKeptRuns:
    """`agent.result_cache.KeptRuns`. Both methods raise StorageUnavailable."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def keep(self, run: KeptRun) -> None:
        values = {
            "turn_id": run.turn_id,
            "result_id": run.result_id,
            "ran_at": run.ran_at,
            "tables": json.dumps(dict(run.tables), sort_keys=True),
        }
        kept = insert(kept_runs).values(key=run.key, **values)
        # Two turns may end at once, the later job first.
        newest = kept.on_conflict_do_update(
            constraint="kept_runs_pkey", set_=values, where=kept_runs.c.ran_at <= run.ran_at
        )
        async with self._database.transaction() as connection:
            await connection.execute(newest)

    async def find(self, key: str) -> KeptRun | None:
        alive = results.c.expires_at > func.now()
        wanted = select(kept_runs).join(results, results.c.id == kept_runs.c.result_id).where(alive)
        async with self._database.transaction() as connection:
            row = (await connection.execute(wanted.where(kept_runs.c.key == key))).one_or_none()
        return None if row is None else KeptRun(row.key, row.turn_id, row.result_id, row.ran_at, json.loads(row.tables))
