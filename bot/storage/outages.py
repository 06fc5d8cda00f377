"""Which outages were told, in Postgres: a row is one that is open."""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import delete, func, literal_column, select
from sqlalchemy.dialects.postgresql import insert

from bot.outages.book import Open
from bot.storage.database import Database
from bot.storage.tables import outages


class PostgresOutageBook:
    """`bot.outages.book.OutageBook`. Every method raises StorageUnavailable."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def keep_open(self, what: str) -> bool:
        opened = insert(outages).values(what=what)
        seen = opened.on_conflict_do_update(index_elements=[outages.c.what], set_={"seen_at": func.now()})
        # A row that no other transaction has ended: of this insert, and not of the update in its place.
        is_new = seen.returning(literal_column("xmax = 0"))
        async with self._database.transaction() as connection:
            return bool((await connection.execute(is_new)).scalar_one())

    async def close(self, what: str) -> Open | None:
        closed = delete(outages).where(outages.c.what == what).returning(outages.c.what, outages.c.since)
        async with self._database.transaction() as connection:
            row = (await connection.execute(closed)).one_or_none()
        return None if row is None else Open(row.what, row.since)

    async def close_unseen(self, unseen_for: timedelta) -> Sequence[Open]:
        unseen = select(outages.c.what).where(outages.c.seen_at <= func.now() - unseen_for).with_for_update()
        closed = delete(outages).where(outages.c.what.in_(unseen)).returning(outages.c.what, outages.c.since)
        async with self._database.transaction() as connection:
            return [Open(row.what, row.since) for row in await connection.execute(closed)]
