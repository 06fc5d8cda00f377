"""What people think of answers, in Postgres."""

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert

from bot.feedback import Feedback
from bot.storage.database import Database
from bot.storage.tables import feedback


class PostgresFeedback:
    """`bot.feedback.FeedbackStore`. Both methods raise StorageUnavailable."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def keep(self, given: Feedback) -> None:
        values = {"verdict": given.verdict, "reason": given.reason, "words": given.words, "given_at": func.now()}
        statement = insert(feedback).values(turn_id=given.turn_id, user_id=given.user, **values)
        async with self._database.transaction() as connection:
            await connection.execute(statement.on_conflict_do_update(constraint="feedback_pkey", set_=values))

    async def of_turn(self, turn_id: str) -> tuple[Feedback, ...]:
        wanted = select(feedback).where(feedback.c.turn_id == turn_id).order_by(feedback.c.user_id)
        async with self._database.transaction() as connection:
            rows = (await connection.execute(wanted)).all()
        return tuple(Feedback(row.turn_id, row.user_id, row.verdict, row.reason, row.words) for row in rows)
