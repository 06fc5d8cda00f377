"""How full the inbox is, by Postgres."""

from datetime import timedelta

from bot.storage.database import Database
from bot.storage.inbox import PostgresInbox
from bot.storage.queue_depth import queue_depth
from bot.vitals import Queue
from tests.inbox_items import turn


async def test_only_what_waits_for_a_worker_grows_old(database: Database) -> None:
    inbox = PostgresInbox(database)
    assert await queue_depth(database) == Queue(running=0, waiting=0, later=0, oldest_seconds=0.0)
    async with inbox.listening():
        await inbox.put(turn("running", conversation="a", at=1))
        (claim,) = await inbox.claim(1)
        await inbox.put(turn("behind it", conversation="a", at=2))
        depth = await queue_depth(database)
        assert (depth.running, depth.waiting, depth.oldest_seconds) == (1, 1, 0.0)
        await inbox.put(turn("free to go", conversation="b", at=3))
        depth = await queue_depth(database)
        assert (depth.waiting, depth.later) == (2, 0)
        assert depth.oldest_seconds > 0
        await inbox.retry(claim, "broken", timedelta(hours=1))
        depth = await queue_depth(database)
        assert (depth.running, depth.waiting, depth.later) == (0, 2, 1)
