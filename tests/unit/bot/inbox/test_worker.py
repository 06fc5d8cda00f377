"""The worker pool over an inbox in memory."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest
import structlog

from agent.errors import InvalidQuery, ModelUnavailable
from bot.inbox.attempt import Attempt, Cancellation, StoppedByPerson
from bot.inbox.items import Item
from bot.inbox.retry import GaveUp, RetryPolicy
from bot.inbox.runner import MAX_CLAIMS
from bot.inbox.worker import WorkerPool
from tests.fakes.memory_inbox import MemoryInbox
from tests.inbox_items import stop, turn

AT_ONCE = RetryPolicy(delays=(0.0, 0.0, 0.0, 0.0))


class Handler:
    """Does what the test says for a key, and remembers what it was given."""

    def __init__(self) -> None:
        self.seen: list[str] = []
        self.attempts: list[Attempt] = []
        self.behaviour: dict[str, Callable[[Attempt], object]] = {}
        self.buried: list[tuple[str, Exception]] = []
        self.telling: list[Exception] = []

    async def __call__(self, attempt: Attempt) -> None:
        key = attempt.item.dedupe_key
        self.seen.append(key)
        self.attempts.append(attempt)
        if behave := self.behaviour.get(key):
            result = behave(attempt)
            if asyncio.iscoroutine(result):
                await result

    async def on_buried(self, item: Item, error: Exception) -> None:
        if self.telling:
            raise self.telling.pop(0)
        self.buried.append((item.dedupe_key, error))


@pytest.fixture
def inbox() -> MemoryInbox:
    return MemoryInbox()


@pytest.fixture
def handler() -> Handler:
    return Handler()


@asynccontextmanager
async def working(inbox: MemoryInbox, handler: Handler, **options: object) -> AsyncIterator[WorkerPool]:
    settings = {"size": 4, "retry": AT_ONCE, "poll_seconds": 0.01, "drain_seconds": 5.0, **options}
    pool = WorkerPool(inbox, handler, handler.on_buried, **settings)  # type: ignore[arg-type]
    running = asyncio.create_task(pool.run())
    try:
        yield pool
    finally:
        pool.stop()
        await running


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not condition():  # noqa: ASYNC110 (the code under test is not asked to signal its tests)
            await asyncio.sleep(0.002)


def fails(*errors: Exception) -> Callable[[Attempt], None]:
    left = list(errors)

    def behave(attempt: Attempt) -> None:
        if left:
            raise left.pop(0)

    return behave


def waits_for(event: asyncio.Event) -> Callable[[Attempt], object]:
    return lambda attempt: event.wait()


async def test_an_item_is_handled_once_and_completed(inbox: MemoryInbox, handler: Handler) -> None:
    async with working(inbox, handler):
        await inbox.put(turn("a"))
        await until(lambda: inbox["a"].status == "done")
    assert handler.seen == ["a"]


async def test_items_of_one_conversation_run_one_at_a_time_in_order_of_speech(
    inbox: MemoryInbox, handler: Handler
) -> None:
    for key, at in (("third", 3.0), ("first", 1.0), ("second", 2.0)):
        await inbox.put(turn(key, at=at))
    async with working(inbox, handler):
        await until(lambda: inbox["third"].status == "done")
    assert handler.seen == ["first", "second", "third"]


async def test_conversations_run_side_by_side(inbox: MemoryInbox, handler: Handler) -> None:
    gate = asyncio.Event()
    handler.behaviour = {"a": waits_for(gate), "b": lambda attempt: gate.set()}
    await inbox.put(turn("a", conversation="one", at=1))
    await inbox.put(turn("b", conversation="two", at=2))
    async with working(inbox, handler):
        await until(lambda: inbox["a"].status == "done")


async def test_a_failure_is_tried_again_before_what_was_said_after_it(inbox: MemoryInbox, handler: Handler) -> None:
    handler.behaviour = {"a": fails(ModelUnavailable(), ModelUnavailable())}
    await inbox.put(turn("a", at=1))
    await inbox.put(turn("b", at=2))
    async with working(inbox, handler):
        await until(lambda: inbox["b"].status == "done")
    assert handler.seen == ["a", "a", "a", "b"]
    assert inbox["a"].failures == 2


async def test_when_every_try_failed_the_person_is_told_and_the_conversation_goes_on(
    inbox: MemoryInbox, handler: Handler
) -> None:
    handler.behaviour = {"a": fails(*[ModelUnavailable("down") for _ in range(9)])}
    await inbox.put(turn("a", at=1))
    await inbox.put(turn("b", at=2))
    async with working(inbox, handler):
        await until(lambda: inbox["b"].status == "done")
    assert handler.seen == ["a"] * 5 + ["b"]
    [(key, error)] = handler.buried
    assert key == "a"
    assert isinstance(error, ModelUnavailable)
    assert inbox["a"].status == "buried"
    assert "down" in inbox["a"].error


async def test_a_final_error_is_told_at_once(inbox: MemoryInbox, handler: Handler) -> None:
    handler.behaviour = {"a": fails(InvalidQuery("no"))}
    await inbox.put(turn("a"))
    async with working(inbox, handler):
        await until(lambda: inbox["a"].status == "buried")
    assert handler.seen == ["a"]


async def test_a_person_who_could_not_be_told_is_told_later(inbox: MemoryInbox, handler: Handler) -> None:
    handler.behaviour = {"a": fails(*[ModelUnavailable("down") for _ in range(9)])}
    handler.telling = [ConnectionError("Slack is down"), ConnectionError("still")]
    await inbox.put(turn("a"))
    async with working(inbox, handler):
        await until(lambda: inbox["a"].status == "buried")
    assert handler.seen == ["a"] * 5, "telling again is not trying again"
    [(key, error)] = handler.buried
    assert (key, str(error)) == ("a", "ModelUnavailable: down")
    assert isinstance(error, GaveUp)


async def test_a_person_who_can_never_be_told_does_not_block_the_conversation(
    inbox: MemoryInbox, handler: Handler
) -> None:
    handler.behaviour = {"a": fails(InvalidQuery("no"), *[InvalidQuery("no") for _ in range(20)])}
    handler.telling = [ConnectionError("gone") for _ in range(100)]
    await inbox.put(turn("a"))
    async with working(inbox, handler):
        await until(lambda: inbox["a"].status == "buried")
    assert handler.buried == []


async def test_an_item_that_kills_its_process_every_time_is_given_up(inbox: MemoryInbox, handler: Handler) -> None:
    await inbox.put(turn("a"))
    inbox["a"].attempts = MAX_CLAIMS
    async with working(inbox, handler):
        await until(lambda: inbox["a"].status == "buried")
    assert handler.seen == []
    assert isinstance(handler.buried[0][1], GaveUp)


async def test_a_stop_reaches_a_turn_while_every_worker_is_busy(inbox: MemoryInbox, handler: Handler) -> None:
    stopped: list[str] = []

    async def long_turn(attempt: Attempt) -> None:
        try:
            async with attempt.stoppable():
                await asyncio.Event().wait()
        except StoppedByPerson:
            stopped.append(attempt.item.dedupe_key)

    handler.behaviour = {"a": long_turn, "stop": lambda attempt: inbox.request_stop("T1:C1:1.0")}
    await inbox.put(turn("a"))
    async with working(inbox, handler, size=1):
        await until(lambda: handler.seen == ["a"])
        await inbox.put(stop("stop"))
        await until(lambda: inbox["a"].status == "done")
    assert stopped == ["a"]


async def test_a_stop_that_the_handler_lets_through_completes_the_item(inbox: MemoryInbox, handler: Handler) -> None:
    async def long_turn(attempt: Attempt) -> None:
        async with attempt.stoppable():
            await asyncio.Event().wait()

    handler.behaviour = {"a": long_turn}
    await inbox.put(turn("a"))
    with structlog.testing.capture_logs() as logs:
        async with working(inbox, handler):
            await until(lambda: handler.seen == ["a"])
            await inbox.request_stop("T1:C1:1.0")
            await until(lambda: inbox["a"].status == "done")
    assert [line["outcome"] for line in logs if line["event"] == "inbox.item_finished"] == ["stopped"]


async def test_a_stop_between_two_tries_stops_the_next(inbox: MemoryInbox, handler: Handler) -> None:
    async def turn_that_fails_first(attempt: Attempt) -> None:
        async with attempt.stoppable():
            if attempt.claim.attempt == 1:
                raise ModelUnavailable
            await asyncio.Event().wait()

    handler.behaviour = {"a": turn_that_fails_first}
    await inbox.put(turn("a"))
    async with working(inbox, handler, retry=RetryPolicy(delays=(3600.0,))):
        await until(lambda: inbox["a"].failures == 1)
        assert await inbox.request_stop("T1:C1:1.0")
        await until(lambda: inbox["a"].status == "done")


async def test_a_lost_lease_cancels_the_handler_and_writes_nothing(inbox: MemoryInbox, handler: Handler) -> None:
    handler.behaviour = {"a": waits_for(asyncio.Event())}
    await inbox.put(turn("a"))
    async with working(inbox, handler, beat_seconds=0.01):
        await until(lambda: handler.seen == ["a"])
        inbox.lose("a")
        await until(lambda: handler.attempts[0].cancellation is Cancellation.LEASE_LOST)
    assert inbox["a"].status == "running", "it is the new owner's"


async def test_a_drain_lets_what_is_in_hand_finish(inbox: MemoryInbox, handler: Handler) -> None:
    gate = asyncio.Event()
    handler.behaviour = {"a": waits_for(gate)}
    await inbox.put(turn("a"))
    async with working(inbox, handler) as pool:
        await until(lambda: handler.seen == ["a"])
        pool.stop()
        await inbox.put(turn("b", conversation="other"))
        await asyncio.sleep(0.02)
        gate.set()
    assert inbox["a"].status == "done"
    assert inbox["b"].status == "queued", "nothing new is claimed"


async def test_past_the_drains_deadline_items_are_given_back_unharmed(inbox: MemoryInbox, handler: Handler) -> None:
    handler.behaviour = {"a": waits_for(asyncio.Event())}
    await inbox.put(turn("a"))
    async with working(inbox, handler, drain_seconds=0.0):
        await until(lambda: handler.seen == ["a"])
    assert (inbox["a"].status, inbox["a"].failures) == ("queued", 0)
    assert handler.attempts[0].cancellation is Cancellation.SHUTDOWN
    assert handler.buried == []


async def test_a_drain_in_a_hurry_gives_back_at_once(inbox: MemoryInbox, handler: Handler) -> None:
    handler.behaviour = {"a": waits_for(asyncio.Event())}
    await inbox.put(turn("a"))
    async with working(inbox, handler, drain_seconds=3600) as pool:
        await until(lambda: handler.seen == ["a"])
        pool.stop()
        await asyncio.sleep(0)
        pool.hurry()
    assert (inbox["a"].status, inbox["a"].failures) == ("queued", 0)


async def test_a_stop_during_the_drain_still_stops(inbox: MemoryInbox, handler: Handler) -> None:
    async def long_turn(attempt: Attempt) -> None:
        async with attempt.stoppable():
            await asyncio.Event().wait()

    handler.behaviour = {"a": long_turn}
    await inbox.put(turn("a"))
    async with working(inbox, handler) as pool:
        await until(lambda: handler.seen == ["a"])
        pool.stop()
        await inbox.request_stop("T1:C1:1.0")
    assert inbox["a"].status == "done"


async def test_cancelling_the_pool_gives_items_back(inbox: MemoryInbox, handler: Handler) -> None:
    handler.behaviour = {"a": waits_for(asyncio.Event())}
    await inbox.put(turn("a"))
    pool = WorkerPool(inbox, handler, handler.on_buried, poll_seconds=0.01)
    running = asyncio.create_task(pool.run())
    await until(lambda: handler.seen == ["a"])
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert inbox["a"].status == "queued"


async def test_a_handler_that_cancels_itself_has_failed(inbox: MemoryInbox, handler: Handler) -> None:
    def cancel_oneself(attempt: Attempt) -> None:
        raise asyncio.CancelledError

    handler.behaviour = {"a": cancel_oneself}
    await inbox.put(turn("a"))
    async with working(inbox, handler):
        await until(lambda: inbox["a"].status == "buried")
    assert handler.seen == ["a"] * 3


async def test_a_database_that_fails_the_claim_does_not_end_the_pool(handler: Handler) -> None:
    class Stumbling(MemoryInbox):
        stumbles = 1

        async def claim(self, limit: int, *, control: bool = False):  # type: ignore[no-untyped-def]
            if self.stumbles:
                self.stumbles -= 1
                raise ConnectionError("no database")
            return await super().claim(limit, control=control)

    inbox = Stumbling()
    await inbox.put(turn("a"))
    async with working(inbox, handler):
        await until(lambda: inbox["a"].status == "done")


async def test_each_item_ends_in_one_line_that_says_how(inbox: MemoryInbox, handler: Handler) -> None:
    handler.behaviour = {"a": fails(ModelUnavailable())}
    await inbox.put(turn("a"))
    with structlog.testing.capture_logs(processors=[structlog.contextvars.merge_contextvars]) as logs:
        async with working(inbox, handler):
            await until(lambda: inbox["a"].status == "done")
    lines = [line for line in logs if line["event"] == "inbox.item_finished"]
    assert [(line["item"], line["kind"], line["attempt"], line["outcome"]) for line in lines] == [
        ("a", "turn", 1, "retried"),
        ("a", "turn", 2, "completed"),
    ]
    assert all(isinstance(line["seconds"], float) for line in lines)
