"""How far the files of results have come, in Postgres. A row goes when its result goes: the foreign key sees to it."""

from sqlalchemy import extract, func, select
from sqlalchemy.dialects.postgresql import insert

from bot.result_files.delivery import Delivery, FileKey
from bot.storage.database import Database
from bot.storage.tables import result_files


class PostgresDeliveries:
    """`bot.result_files.delivery.Deliveries`. Every method raises StorageUnavailable."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def find(self, key: FileKey) -> Delivery | None:
        columns = (result_files.c.asked_by, result_files.c.note_ts, result_files.c.file_id)
        wanted = select(*columns, extract("epoch", result_files.c.kept_at).label("kept_at"))
        async with self._database.transaction() as connection:
            row = (await connection.execute(wanted.filter_by(**_columns(key)))).one_or_none()
        return None if row is None else Delivery(row.asked_by, row.note_ts, row.file_id, float(row.kept_at))

    async def keep(self, key: FileKey, delivery: Delivery) -> None:
        progress = {
            "asked_by": delivery.asked_by,
            "note_ts": delivery.note_ts,
            "file_id": delivery.file_id,
            "kept_at": func.now(),
        }
        kept = insert(result_files).values(**_columns(key), **progress)
        async with self._database.transaction() as connection:
            await connection.execute(kept.on_conflict_do_update(constraint="result_files_pkey", set_=progress))


def _columns(key: FileKey) -> dict[str, str]:
    return {"result_id": key.result_id, "kind": key.kind, "channel": key.channel, "thread_ts": key.thread_ts}
