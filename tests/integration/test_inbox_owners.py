"""Several owners share the inbox in Postgres: who holds what, and what becomes of it when they die."""

import asyncio
from collections.abc import Callable
from contextlib import AsyncExitStack
from datetime import timedelta
from decimal import Decimal

import pytest
import structlog
from sqlalchemy import text

from bot.inbox.inbox import Claim
from bot.storage.database import Database
from bot.storage.inbox import PostgresInbox
from bot.storage.inbox_session import OWNER_LOCKS
from tests.inbox_items import turn

AT_ONCE = timedelta(0)
NEVER = timedelta(hours=1)


def inbox_of(
    database: Database, *, lease: timedelta = NEVER, gone: timedelta = AT_ONCE, restart: timedelta = AT_ONCE
) -> PostgresInbox:
    return PostgresInbox(database, lease=lease, gone_grace=gone, restart_grace=restart)


async def eventually(inbox: PostgresInbox, condition: Callable[[list[Claim]], bool] = bool) -> list[Claim]:
    async with asyncio.timeout(30):
        while not condition(claims := await inbox.claim(8)):  # noqa: ASYNC110 (a poll is what is tested)
            await asyncio.sleep(0.05)
    return claims


async def owners_alive(database: Database) -> int:
    query = text(
        "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND classid = :c AND objsubid = 2 AND granted"
    )
    async with database.transaction() as connection:
        return int((await connection.execute(query, {"c": OWNER_LOCKS})).scalar_one())


async def test_what_one_owner_holds_no_other_gets(database: Database) -> None:
    async with inbox_of(database).listening() as one, inbox_of(database).listening() as other:
        await one.put(turn("a"))
        assert len(await one.claim(8)) == 1
        for _ in range(3):
            assert await other.claim(8) == []


async def test_of_two_claims_at_once_each_item_goes_to_one(database: Database) -> None:
    async with AsyncExitStack() as stack:
        owners = [await stack.enter_async_context(inbox_of(database).listening()) for _ in range(4)]
        for n in range(40):
            await owners[0].put(turn(f"k{n}", conversation=f"c{n}", at=n))
        taken: list[str] = []
        while len(taken) < 40:
            rounds = await asyncio.gather(*(owner.claim(3) for owner in owners))
            taken += [claim.item.dedupe_key for claims in rounds for claim in claims]
        assert len(set(taken)) == len(taken) == 40


async def test_what_a_dead_owner_held_is_taken_over_long_before_its_lease_ends(database: Database) -> None:
    async with inbox_of(database).listening() as survivor:
        async with inbox_of(database).listening() as dead:
            await dead.put(turn("a"))
            [first] = await dead.claim(8)
        [second] = await eventually(survivor)
        assert (second.item, second.attempt, second.failures) == (first.item, 2, 0)


async def test_a_lock_that_is_missing_for_a_moment_only_costs_nothing(database: Database) -> None:
    async with inbox_of(database, gone=NEVER).listening() as survivor:
        async with inbox_of(database).listening() as cut:
            await cut.put(turn("a"))
            await cut.claim(8)
        await asyncio.sleep(1.1)
        assert await survivor.claim(8) == []


async def test_an_owner_whose_link_is_cut_comes_back_and_keeps_its_items(database: Database) -> None:
    async with inbox_of(database).listening() as owner:
        await owner.put(turn("a"))
        [claim] = await owner.claim(8)
        async with database.transaction() as connection:
            await connection.execute(
                text(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'data-bolt inbox'"
                )
            )
        owner.wake.clear()
        async with asyncio.timeout(30):
            await owner.wake.wait()  # what was put meanwhile was announced to nobody
        assert await owners_alive(database) == 1
        async with inbox_of(database).listening() as other:
            assert await other.claim(8) == []
        assert await owner.renew() == {claim.id}
        assert await owner.complete(claim)


async def test_who_was_cut_off_takes_nothing_from_others_until_they_had_time_to_return(database: Database) -> None:
    async with inbox_of(database, restart=timedelta(minutes=10)).listening() as owner:
        async with inbox_of(database).listening() as dead:
            await dead.put(turn("a"))
            await dead.claim(8)
        async with database.transaction() as connection:
            await connection.execute(
                text(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'data-bolt inbox'"
                )
            )
        owner.wake.clear()
        async with asyncio.timeout(30):
            await owner.wake.wait()
        await asyncio.sleep(1.1)
        assert await owner.claim(8) == []


async def test_a_lease_that_ended_is_lost_and_the_late_outcome_is_void(database: Database) -> None:
    async with (
        inbox_of(database, lease=AT_ONCE).listening() as slow,
        inbox_of(database).listening() as other,
    ):
        await slow.put(turn("a"))
        [late] = await slow.claim(8)
        [taken] = await eventually(other)
        assert await slow.renew() == frozenset()
        assert not await slow.complete(late)
        assert not await slow.retry(late, "late", AT_ONCE)
        assert await other.renew() == {taken.id}
        assert await other.complete(taken)


async def test_an_owner_does_not_take_its_own_running_item_for_lost(database: Database) -> None:
    async with inbox_of(database, lease=AT_ONCE).listening() as owner:
        await owner.put(turn("a"))
        await owner.claim(8)
        await asyncio.sleep(1.1)
        assert await owner.claim(8) == []


async def test_a_claim_whose_answer_never_arrived_comes_again_when_its_lease_ends(database: Database) -> None:
    async with inbox_of(database).listening() as owner:
        await owner.put(turn("a"))
        async with database.transaction() as connection:
            await connection.execute(
                text("UPDATE inbox SET status = 'running', attempts = 1, owner = 1, leased_until = now()")
            )
        [claim] = await eventually(owner)
        assert claim.attempt == 2


async def test_after_a_restart_of_the_server_nobody_is_taken_for_dead_too_soon(database: Database) -> None:
    async with inbox_of(database, restart=timedelta(days=9000)).listening() as owner:
        await owner.put(turn("a"))
        async with database.transaction() as connection:
            await connection.execute(
                text("UPDATE inbox SET status = 'running', attempts = 1, owner = 999, leased_until = 'yesterday'")
            )
        for _ in range(3):
            assert await owner.claim(8) == []
            await asyncio.sleep(0.6)


async def test_an_item_of_no_known_shape_is_buried_and_its_conversation_goes_on(database: Database) -> None:
    async with inbox_of(database).listening() as inbox:
        await inbox.put(turn("old", at=1))
        await inbox.put(turn("new", at=2))
        async with database.transaction() as connection:
            await connection.execute(text("""UPDATE inbox SET payload = '{"kind": "fax"}' WHERE dedupe_key = 'old'"""))
        with structlog.testing.capture_logs() as logs:
            assert await inbox.claim(8) == []
        assert [line["event"] for line in logs] == ["inbox.unreadable"]
        assert inbox.wake.is_set()
        assert [claim.item.dedupe_key for claim in await inbox.claim(8)] == ["new"]
        async with database.transaction() as connection:
            row = (await connection.execute(text("SELECT status, error FROM inbox WHERE dedupe_key = 'old'"))).one()
        assert tuple(row) == ("buried", "the payload has no known shape")


async def test_two_of_one_conversation_never_run_at_once_whatever_the_statement(database: Database) -> None:
    async with inbox_of(database).listening() as inbox:
        await inbox.put(turn("a", at=2))
        await inbox.claim(8)
        await inbox.put(turn("b", at=1))
        with pytest.raises(Exception, match="inbox_one_running_per_conversation"):
            async with database.transaction() as connection:
                await connection.execute(text("UPDATE inbox SET status = 'running', owner = 1 WHERE dedupe_key = 'b'"))


async def test_the_order_of_speech_is_exact_to_the_last_digit(database: Database) -> None:
    async with inbox_of(database).listening() as inbox:
        for key, at in (("b", "1712345678.000002"), ("a", "1712345678.000001")):
            await inbox.put(turn(key).model_copy(update={"spoken_at": Decimal(at)}))
        [claim] = await inbox.claim(8)
        assert claim.item.dedupe_key == "a"
