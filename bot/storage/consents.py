"""Channels of two companies in which a colleague has allowed answers, in Postgres."""

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from bot.storage.database import Database
from bot.storage.tables import consents


class PostgresConsents:
    """`bot.consents.consents.Consents`. Both methods raise StorageUnavailable."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def given_by(self, channel: str) -> str | None:
        wanted = select(consents.c.given_by).where(consents.c.channel == channel)
        async with self._database.transaction() as connection:
            return (await connection.execute(wanted)).scalar_one_or_none()

    async def give(self, channel: str, user: str) -> str:
        given = insert(consents).values(channel=channel, given_by=user).on_conflict_do_nothing()
        async with self._database.transaction() as connection:
            await connection.execute(given)
        return await self.given_by(channel) or user
