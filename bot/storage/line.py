"""Who waits in the inbox, and in which place."""

from sqlalchemy import text

from bot.inbox.items import ITEM, TurnRequested
from bot.queue_signs import Waiting
from bot.storage.database import Database

_WAITING = text("""
    SELECT payload, position FROM (
        SELECT id, payload, attempts, row_number() OVER (ORDER BY spoken_at, id) AS position
          FROM inbox WHERE status = 'queued' AND kind = 'turn' AND run_after <= now()) AS line
     WHERE attempts = 0 ORDER BY position LIMIT :limit
""")


class PostgresLine:
    """`bot.queue_signs.Line`. Raises StorageUnavailable."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def waiting(self, limit: int) -> list[Waiting]:
        async with self._database.transaction() as connection:
            rows = (await connection.execute(_WAITING, {"limit": limit})).all()
        waiting: list[Waiting] = []
        for row in rows:
            try:
                item = ITEM.validate_json(row.payload)
            except ValueError:  # another version's: whoever claims it says so
                continue
            if isinstance(item, TurnRequested):
                waiting.append(Waiting(item, row.position))
        return waiting
