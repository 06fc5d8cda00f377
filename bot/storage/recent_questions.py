"""What somebody asked lately, from the audit, and where the answers stand."""

from typing import Final

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import aggregate_order_by

from bot.home.contents import RecentQuestion
from bot.storage.database import Database
from bot.storage.tables import audit, replies

_ROWS_READ: Final = 300
"""Of the audit, the newest: a question leaves several, and one that is asked again and again is listed once."""


class PostgresQuestions:
    """`bot.home.contents.Questions`. Raises StorageUnavailable."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def recent(self, user: str, limit: int) -> tuple[RecentQuestion, ...]:
        newest = (
            select(audit.c.turn_id, audit.c.question, audit.c.at)
            .where(audit.c.asker == user, audit.c.question != "")
            .order_by(audit.c.at.desc())
            .limit(_ROWS_READ)
            .cte("newest")
        )
        last = func.max(newest.c.at)
        asked = (
            # Of a question that was asked again the newest answer: `array_agg` in that order, the first of it.
            select(
                newest.c.question,
                last.label("at"),
                func.array_agg(aggregate_order_by(replies.c.channel, newest.c.at.desc()))[1].label("channel"),
                func.array_agg(aggregate_order_by(replies.c.ts, newest.c.at.desc()))[1].label("ts"),
            )
            .join(replies, replies.c.turn_id == newest.c.turn_id)
            .where(replies.c.ts.is_not(None))
            .group_by(newest.c.question)
            .order_by(last.desc())
            .limit(limit)
        )
        async with self._database.transaction() as connection:
            rows = (await connection.execute(asked)).all()
        return tuple(RecentQuestion(row.question, row.at, row.channel, row.ts) for row in rows)
