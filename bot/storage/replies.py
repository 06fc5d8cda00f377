"""Where replies stand, and what was answered, in Postgres."""

from dataclasses import asdict
from datetime import timedelta

from sqlalchemy import Boolean, ColumnElement, case, exists, func, literal_column, select, update
from sqlalchemy.dialects.postgresql import insert

from bot.replies import Reply, Taken
from bot.storage.database import Database
from bot.storage.tables import replies

LONGEST_SWEEP = 100
"""Old answers forgotten beside one that is kept."""


class PostgresReplies:
    """Every method raises StorageUnavailable."""

    def __init__(self, database: Database, *, keep_answers: timedelta = timedelta(days=30)) -> None:
        """*keep_answers*: an answer holds result rows, so it goes when results go; where the reply stands is kept."""
        self._database = database
        self._keep_answers = keep_answers

    async def find(self, turn_id: str) -> Reply | None:
        return await self._find(replies.c.turn_id == turn_id)

    async def find_at(self, channel: str, ts: str) -> Reply | None:
        return await self._find((replies.c.channel == channel) & (replies.c.ts == ts))

    async def _find(self, wanted: ColumnElement[bool]) -> Reply | None:
        async with self._database.transaction() as connection:
            row = (await connection.execute(select(replies).where(wanted).limit(1))).one_or_none()
        if row is None:
            return None
        return Reply(
            row.turn_id,
            row.conversation,
            row.channel,
            row.thread_ts,
            ts=row.ts,
            answer=row.answer,
            asked_by=row.asked_by,
        )

    async def last_answered(self, channel: str, user: str) -> tuple[str, ...]:
        """The turns of the newest answers that *user* asked for in *channel*, newest first, ten at most."""
        theirs = (replies.c.channel == channel) & (replies.c.asked_by == user) & replies.c.answer.is_not(None)
        newest = select(replies.c.turn_id).where(theirs).order_by(replies.c.created_at.desc()).limit(10)
        async with self._database.transaction() as connection:
            return tuple((await connection.execute(newest)).scalars())

    async def keep_place(self, reply: Reply) -> None:
        place = {
            "conversation": reply.conversation,
            "channel": reply.channel,
            "thread_ts": reply.thread_ts,
            "ts": reply.ts,
            "asked_by": reply.asked_by,
        }
        statement = insert(replies).values(turn_id=reply.turn_id, **place)
        async with self._database.transaction() as connection:
            await connection.execute(statement.on_conflict_do_update(index_elements=["turn_id"], set_=place))

    async def take_place(self, reply: Reply) -> Taken:
        values = asdict(reply)
        del values["answer"]
        new = insert(replies).values(**values)
        # One statement decides: of two that posted side by side, the second learns that it came second.
        is_open = replies.c.ts.is_(None)
        kept = {name: case((is_open, new.excluded[name]), else_=replies.c[name]) for name in values}
        was_inserted = literal_column("xmax = 0", Boolean)  # a row version that replaces none was locked by nobody
        statement = new.on_conflict_do_update(index_elements=["turn_id"], set_=kept).returning(was_inserted)
        async with self._database.transaction() as connection:
            is_first = bool((await connection.execute(statement)).scalar_one())
        found = await self.find(reply.turn_id)
        assert found is not None, "rows of replies are never deleted"
        return Taken(found, is_first)

    async def keep_answer(self, turn_id: str, answer: str) -> None:
        """Raises LookupError when no place was kept: the answer would belong nowhere."""
        statement = update(replies).where(replies.c.turn_id == turn_id).values(answer=answer)
        old = (
            select(replies.c.turn_id)
            .where(replies.c.answer.is_not(None), replies.c.created_at < func.now() - self._keep_answers)
            .limit(LONGEST_SWEEP)
            .with_for_update(skip_locked=True)
            .cte("old")
        )
        async with self._database.transaction() as connection:
            await connection.execute(update(replies).where(replies.c.turn_id.in_(old.select())).values(answer=None))
            if (await connection.execute(statement)).rowcount != 1:
                raise LookupError(f"no reply is kept for {turn_id}")

    async def forget_answer(self, turn_id: str) -> None:
        async with self._database.transaction() as connection:
            await connection.execute(update(replies).where(replies.c.turn_id == turn_id).values(answer=None))

    async def has_joined(self, conversation: str) -> bool:
        joined = exists().where(replies.c.conversation == conversation, replies.c.ts.is_not(None))
        async with self._database.transaction() as connection:
            return bool((await connection.execute(select(joined))).scalar_one())
