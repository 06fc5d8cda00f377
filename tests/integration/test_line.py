"""Who waits in the inbox, by Postgres."""

from bot.storage.database import Database
from bot.storage.inbox import PostgresInbox
from bot.storage.line import PostgresLine
from tests.inbox_items import stop, turn


async def test_a_place_in_line_counts_the_turns_that_nobody_runs(database: Database) -> None:
    inbox, line = PostgresInbox(database), PostgresLine(database)
    async with inbox.listening():
        await inbox.put(turn("running", conversation="a", at=1))
        (claim,) = await inbox.claim(1)
        await inbox.put(turn("late", conversation="c", at=9))
        await inbox.put(turn("behind it", conversation="a", at=2))
        await inbox.put(turn("early", conversation="b", at=1.5))
        await inbox.put(stop("stop", target="b", at=1))
        assert [(w.item.dedupe_key, w.position) for w in await line.waiting(10)] == [
            ("early", 1),
            ("behind it", 2),
            ("late", 3),
        ]
        assert [w.item.dedupe_key for w in await line.waiting(1)] == ["early"]
        await inbox.release(claim)
        # Begun before, it has a reply already; it still stands in the line before the others.
        assert [(w.item.dedupe_key, w.position) for w in await line.waiting(1)] == [("early", 2)]
