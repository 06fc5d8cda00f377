"""How far an item is, for who waits outside of the daemon."""

from sqlalchemy import select

from bot.storage.database import Database
from bot.storage.tables import inbox


async def status_of(database: Database, dedupe_key: str) -> str | None:
    """`queued`, `running`, `done` or `buried`; None for a key that was never put. Raises StorageUnavailable."""
    async with database.transaction() as connection:
        return (await connection.execute(select(inbox.c.status).where(inbox.c.dedupe_key == dedupe_key))).scalar()
