"""The analyst's memory on the genuine Postgres saver: resumed, answered once, bounded."""

import psycopg
import pytest

from agent.turn import Progress, StartOver, Step
from bot.storage.checkpoints import open_savers
from tests.unit.agent.desk import SQL, Desk, drafted, routed


class Killed(BaseException):
    """The process ends here."""


def question_desk() -> Desk:
    desk = Desk()
    desk.model.says("plan_turn_action", routed("sql_generate")).says("sql_generate", drafted(), drafted("SELECT 2"))
    return desk


async def rows(database_url: str, table: str) -> int:
    async with await psycopg.AsyncConnection.connect(database_url) as connection:
        found = await (await connection.execute(f"SELECT count(*) FROM langgraph.{table}")).fetchone()
    assert found is not None
    return int(found[0])


async def test_a_killed_turn_goes_on_with_the_sql_that_was_priced(database_url: str):
    desk = question_desk()

    async def die(progress: Progress) -> None:
        if (progress.step, progress.state) == (Step.RUN, "running"):
            raise Killed

    async with open_savers(database_url, workers=1) as savers:
        desk.savers = savers
        desk.on_progress = die
        with pytest.raises(Killed):
            await desk.ask("How many orders?", id="A")
    async with open_savers(database_url, workers=1) as savers:  # another process
        desk.savers = savers
        desk.on_progress = desk.note
        answer = await desk.ask("How many orders?", id="A")
        assert (answer.sql, answer.usage.calls) == (SQL, 2)
        assert await desk.ask("How many orders?", id="A") == answer
    assert desk.runner.ran == [SQL]


async def test_a_long_thread_keeps_one_checkpoint(database_url: str):
    desk = question_desk()
    desk.model.says("sql_generate", drafted())
    async with open_savers(database_url, workers=1) as savers:
        desk.savers = savers
        for number in range(12):
            await desk.ask(f"question {number}")
        blobs = await rows(database_url, "checkpoint_blobs")
        for number in range(12, 20):
            await desk.ask(f"question {number}")
    assert await rows(database_url, "checkpoints") == 1
    assert await rows(database_url, "checkpoint_blobs") == blobs


async def kept_bytes(database_url: str) -> bytes:
    """All that the saver's tables hold, as Postgres would spell it."""
    async with await psycopg.AsyncConnection.connect(database_url) as connection:
        found = await (
            await connection.execute(
                "SELECT string_agg(x.line, '') FROM (SELECT c::text AS line FROM langgraph.checkpoints AS c"
                " UNION ALL SELECT b.channel || encode(b.blob, 'escape') FROM langgraph.checkpoint_blobs AS b"
                " UNION ALL SELECT w.channel || encode(w.blob, 'escape') FROM langgraph.checkpoint_writes AS w) AS x"
            )
        ).fetchone()
    assert found is not None
    return str(found[0]).encode()


async def test_starting_over_leaves_no_word_in_the_database(database_url: str):
    desk = question_desk()
    async with open_savers(database_url, workers=1) as savers:
        desk.savers = savers
        await desk.ask("How many orders in Xanadu?")
        assert b"Xanadu" in await kept_bytes(database_url)
        first = await desk.ask("start over", preset=StartOver(), id="over")
        assert b"Xanadu" not in await kept_bytes(database_url)
        assert await desk.ask("start over", preset=StartOver(), id="over") == first
    assert await rows(database_url, "checkpoints") == 1
