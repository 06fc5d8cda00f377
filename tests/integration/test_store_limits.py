"""What the stores do beyond their Protocols: caps and sweeps."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import text

from agent.results import StoredResult
from agent.turn import Bill, Column, Table
from bot.replies import Reply
from bot.storage.database import Database
from bot.storage.replies import PostgresReplies
from bot.storage.results import PostgresResults


def result(turn_id: str, rows: int, *, lives: timedelta = timedelta(days=1)) -> StoredResult:
    table = Table((Column("n", "INT64"),), tuple((n * 7919 % 10_007,) for n in range(rows)), total_rows=rows)
    expires_at = datetime.now(UTC) + lives
    return StoredResult(turn_id, "T1:C1:1.0", "SELECT 1", "f" * 64, table, Bill(), (), "databolt_0", expires_at)


async def test_a_result_beyond_the_cap_keeps_its_first_rows_and_says_how_many_there_were(database: Database) -> None:
    results = PostgresResults(database, largest_body=2000)
    whole = result("t1", 5000)
    kept = await results.load(await results.keep(whole))
    assert kept is not None
    assert 0 < len(kept.table.rows) < 5000
    assert kept.table.rows == whole.table.rows[: len(kept.table.rows)]
    assert kept.table.is_truncated
    assert kept.table.total_rows == 5000


async def test_expired_results_are_swept_when_another_is_kept(database: Database) -> None:
    results = PostgresResults(database)
    for n in range(3):
        await results.keep(result(f"old{n}", 1, lives=timedelta(seconds=-1)))
    await results.keep(result("new", 1))
    async with database.transaction() as connection:
        assert (await connection.execute(text("SELECT array_agg(turn_id) FROM results"))).scalar_one() == ["new"]


async def test_rows_are_stored_compressed(database: Database) -> None:
    await PostgresResults(database).keep(result("t1", 1000))
    async with database.transaction() as connection:
        assert (await connection.execute(text("SELECT length(body) FROM results"))).scalar_one() < 5000


async def test_an_old_answer_is_forgotten_and_its_place_is_not(database: Database) -> None:
    replies = PostgresReplies(database)
    for turn_id in ("old", "new"):
        await replies.keep_place(Reply(turn_id, "T1:C1:1.0", "C1", "1.0", ts="1.5"))
        await replies.keep_answer(turn_id, "{}")
    async with database.transaction() as connection:
        await connection.execute(
            text("UPDATE replies SET created_at = now() - interval '31 days' WHERE turn_id = 'old'")
        )
    await replies.keep_answer("new", '{"n": 2}')
    old, new = await replies.find("old"), await replies.find("new")
    assert old == Reply("old", "T1:C1:1.0", "C1", "1.0", ts="1.5", answer=None)
    assert new is not None
    assert new.answer == '{"n": 2}'
