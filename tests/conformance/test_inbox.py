"""What every `Inbox` promises to those who put and to the one who claims, on the one in memory and on Postgres."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
import pytest_asyncio

from bot.inbox.inbox import Claim, Inbox
from bot.storage.database import Database
from bot.storage.inbox import PostgresInbox
from tests.fakes.memory_inbox import MemoryInbox
from tests.inbox_items import stop, turn

NOW = timedelta(0)


@pytest.fixture
def memory_inbox() -> Inbox:
    return MemoryInbox()


@pytest_asyncio.fixture
async def postgres_inbox(database: Database) -> AsyncIterator[Inbox]:
    async with PostgresInbox(database).listening() as inbox:
        yield inbox


@pytest.fixture(params=["memory_inbox", "postgres_inbox"])
def inbox(request: pytest.FixtureRequest) -> Inbox:
    return request.getfixturevalue(request.param)


def keys(claims: list[Claim]) -> list[str]:
    return [claim.item.dedupe_key for claim in claims]


async def test_an_item_comes_out_as_it_went_in(inbox: Inbox) -> None:
    item = turn("a", at=1712.000123, text="매출은? \N{SNOWMAN} \x00 '; DROP TABLE inbox --")
    assert await inbox.put(item)
    [claim] = await inbox.claim(8)
    assert claim.item == item
    assert (claim.attempt, claim.failures, claim.last_error) == (1, 0, "")


async def test_a_known_key_is_put_once_even_after_it_was_done(inbox: Inbox) -> None:
    assert await inbox.put(turn("a"))
    assert not await inbox.put(turn("a", text="redelivered"))
    [claim] = await inbox.claim(8)
    assert await inbox.complete(claim)
    assert not await inbox.put(turn("a"))
    assert await inbox.claim(8) == []


async def test_what_nobody_has_begun_may_change_its_words_and_keeps_its_place(inbox: Inbox) -> None:
    assert not await inbox.amend(turn("a", text="new"))
    await inbox.put(turn("a", text="old"))
    assert await inbox.amend(turn("a", text="new"))
    [claim] = await inbox.claim(8)
    assert claim.item == turn("a", text="new")
    assert not await inbox.amend(turn("a", text="newest"))
    await inbox.retry(claim, "x", NOW)
    assert not await inbox.amend(turn("a", text="newest"))


async def test_what_nobody_has_begun_can_be_withdrawn_and_lets_the_next_one_go(inbox: Inbox) -> None:
    assert not await inbox.withdraw("a")
    await inbox.put(turn("a", at=1))
    await inbox.put(turn("b", at=2))
    assert await inbox.withdraw("a")
    assert await inbox.withdraw("a")
    assert keys(await inbox.claim(8)) == ["b"]
    assert not await inbox.withdraw("b")
    assert not await inbox.put(turn("a"))


async def test_what_was_put_is_looked_up_whatever_became_of_it(inbox: Inbox) -> None:
    assert await inbox.look_up("a") is None
    await inbox.put(turn("a", text="\x00매출은?"))
    [claim] = await inbox.claim(8)
    await inbox.complete(claim)
    assert await inbox.look_up("a") == turn("a", text="\x00매출은?")


async def test_of_each_conversation_the_earliest_spoken_comes_out(inbox: Inbox) -> None:
    for key, conversation, at in (("b2", "b", 2), ("a3", "a", 3), ("a1", "a", 1), ("b4", "b", 4)):
        await inbox.put(turn(key, conversation=conversation, at=at))
    first = await inbox.claim(8)
    assert sorted(keys(first)) == ["a1", "b2"]
    assert await inbox.claim(8) == []
    for claim in first:
        await inbox.complete(claim)
    assert sorted(keys(await inbox.claim(8))) == ["a3", "b4"]


async def test_what_was_spoken_at_the_same_moment_keeps_the_order_of_arrival(inbox: Inbox) -> None:
    await inbox.put(turn("a", at=1))
    await inbox.put(turn("b", at=1))
    assert keys(await inbox.claim(8)) == ["a"]


async def test_an_earlier_word_that_arrives_late_waits_for_the_running_one_only(inbox: Inbox) -> None:
    await inbox.put(turn("second", at=2))
    await inbox.put(turn("third", at=3))
    [running] = await inbox.claim(8)
    await inbox.put(turn("first", at=1))
    assert await inbox.claim(8) == []
    await inbox.complete(running)
    assert keys(await inbox.claim(8)) == ["first"]


async def test_no_more_come_out_than_asked_for_and_the_oldest_first(inbox: Inbox) -> None:
    for n in range(5):
        await inbox.put(turn(f"k{n}", conversation=f"c{n}", at=9 - n))
    assert sorted(keys(await inbox.claim(2))) == ["k3", "k4"]


async def test_the_control_lane_is_beside_its_conversation(inbox: Inbox) -> None:
    await inbox.put(turn("a"))
    await inbox.put(turn("b", conversation="other"))
    await inbox.put(stop("stop"))
    assert keys(await inbox.claim(8, control=True)) == ["stop"]
    assert sorted(keys(await inbox.claim(8))) == ["a", "b"]


async def test_a_failure_waits_and_what_was_said_later_waits_with_it(inbox: Inbox) -> None:
    await inbox.put(turn("a", at=1))
    await inbox.put(turn("b", at=2))
    [claim] = await inbox.claim(8)
    assert await inbox.retry(claim, "ModelUnavailable: down \x00", timedelta(hours=1))
    assert await inbox.claim(8) == []


async def test_a_failure_comes_again_with_its_history(inbox: Inbox) -> None:
    await inbox.put(turn("a"))
    [claim] = await inbox.claim(8)
    await inbox.retry(claim, "down", NOW)
    [again] = await inbox.claim(8)
    assert (again.attempt, again.failures, again.last_error) == (2, 1, "down")


async def test_what_is_given_back_comes_again_without_a_failure(inbox: Inbox) -> None:
    await inbox.put(turn("a"))
    [claim] = await inbox.claim(8)
    assert await inbox.release(claim)
    [again] = await inbox.claim(8)
    assert (again.attempt, again.failures) == (2, 0)


async def test_what_is_buried_never_comes_again_and_blocks_nothing(inbox: Inbox) -> None:
    await inbox.put(turn("a", at=1))
    await inbox.put(turn("b", at=2))
    [claim] = await inbox.claim(8)
    assert await inbox.bury(claim, "no use")
    assert keys(await inbox.claim(8)) == ["b"]
    assert not await inbox.put(turn("a"))


async def test_a_claim_ends_once(inbox: Inbox) -> None:
    await inbox.put(turn("a"))
    [claim] = await inbox.claim(8)
    assert await inbox.complete(claim)
    assert not await inbox.complete(claim)
    assert not await inbox.retry(claim, "late", NOW)
    assert not await inbox.bury(claim, "late")
    assert not await inbox.release(claim)
    assert await inbox.claim(8) == []


async def test_an_earlier_attempt_cannot_end_a_later_one(inbox: Inbox) -> None:
    await inbox.put(turn("a"))
    [first] = await inbox.claim(8)
    await inbox.release(first)
    [second] = await inbox.claim(8)
    assert not await inbox.complete(first)
    assert second.id in await inbox.renew()
    assert await inbox.complete(second)


async def test_renewing_names_what_is_held(inbox: Inbox) -> None:
    await inbox.put(turn("a", conversation="a"))
    await inbox.put(turn("b", conversation="b"))
    first, second = await inbox.claim(8)
    assert await inbox.renew() == {first.id, second.id}
    await inbox.complete(first)
    assert await inbox.renew() == {second.id}


async def test_a_stop_flags_what_runs_in_that_conversation(inbox: Inbox) -> None:
    await inbox.put(turn("a", conversation="a"))
    await inbox.put(turn("b", conversation="b"))
    claims = {claim.item.dedupe_key: claim for claim in await inbox.claim(8)}
    assert await inbox.stop_requests() == frozenset()
    assert await inbox.request_stop("a")
    assert await inbox.stop_requests() == {claims["a"].id}


async def test_a_stop_where_nothing_was_begun_stops_nothing(inbox: Inbox) -> None:
    await inbox.put(turn("a"))
    assert not await inbox.request_stop("T1:C1:1.0")
    await inbox.claim(8)
    assert await inbox.stop_requests() == frozenset()


async def test_a_stop_reaches_what_waits_for_another_try(inbox: Inbox) -> None:
    await inbox.put(turn("a"))
    [claim] = await inbox.claim(8)
    await inbox.retry(claim, "down", timedelta(hours=1))
    assert await inbox.request_stop("T1:C1:1.0")
    [again] = await inbox.claim(8)
    assert await inbox.stop_requests() == {again.id}


async def test_whoever_claims_is_woken_by_a_put(inbox: Inbox) -> None:
    inbox.wake.clear()
    await inbox.put(turn("a"))
    async with asyncio.timeout(20):
        await inbox.wake.wait()


async def test_whoever_runs_is_woken_by_a_stop(inbox: Inbox) -> None:
    await inbox.put(turn("a"))
    await inbox.claim(8)
    async with asyncio.timeout(20):
        await inbox.wake.wait()
    inbox.wake.clear()
    await inbox.request_stop("T1:C1:1.0")
    async with asyncio.timeout(20):
        await inbox.wake.wait()


async def test_what_is_long_finished_is_forgotten_and_its_key_with_it(inbox: Inbox) -> None:
    await inbox.put(turn("done", conversation="a"))
    await inbox.put(turn("open", conversation="b"))
    claims = {claim.item.dedupe_key: claim for claim in await inbox.claim(8)}
    await inbox.complete(claims["done"])
    assert await inbox.prune(timedelta(hours=48)) == 0
    assert await inbox.prune(timedelta(0)) == 1
    assert await inbox.put(turn("done"))
