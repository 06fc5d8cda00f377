"""How full the inbox is: one look over its open items, by their index."""

from sqlalchemy import text

from bot.storage.database import Database
from bot.vitals import Queue

# `waiting` may wait for its own conversation; what waits for a worker is as in inbox_statements.CLAIM.
_LOOK = text("""
    SELECT count(*) FILTER (WHERE item.status = 'running') AS running,
           count(*) FILTER (WHERE item.status = 'queued' AND item.run_after <= now()) AS waiting,
           count(*) FILTER (WHERE item.status = 'queued' AND item.run_after > now()) AS later,
           coalesce(max(extract(epoch FROM now() - item.run_after)) FILTER (
               WHERE item.status = 'queued' AND item.run_after <= now() AND NOT EXISTS (
                   SELECT 1 FROM inbox AS other
                    WHERE other.conversation = item.conversation
                      AND (other.status = 'running'
                           OR other.status = 'queued' AND (other.spoken_at, other.id) < (item.spoken_at, item.id)))
           ), 0) AS oldest_seconds
      FROM inbox AS item
     WHERE item.status IN ('queued', 'running')
""")


async def queue_depth(database: Database) -> Queue:
    """Raises StorageUnavailable."""
    async with database.transaction() as connection:
        row = (await connection.execute(_LOOK)).one()
    return Queue(row.running, row.waiting, row.later, float(row.oldest_seconds))
