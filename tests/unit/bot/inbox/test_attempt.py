"""How a person's Stop, a shutdown and a lost lease reach a handler."""

import asyncio
import contextlib

import pytest

from bot.inbox.attempt import Attempt, Cancellation, StoppedByPerson
from bot.inbox.inbox import Claim
from tests.inbox_items import turn


@pytest.fixture
def attempt() -> Attempt:
    return Attempt(Claim(1, turn("k"), 1))


async def run(attempt: Attempt, handler: asyncio.Task[None]) -> None:
    attempt.started(handler)
    await asyncio.sleep(0)


async def test_a_stop_interrupts_what_is_stoppable_and_the_handler_goes_on(attempt: Attempt) -> None:
    said: list[str] = []

    async def handle() -> None:
        try:
            async with attempt.stoppable():
                await asyncio.Event().wait()
        except StoppedByPerson:
            await asyncio.sleep(0)  # awaiting works again: nothing of the cancellation is left
            said.append("stopped")

    handler = asyncio.create_task(handle())
    await run(attempt, handler)
    attempt.request_stop()
    await handler
    assert said == ["stopped"]
    assert handler.cancelling() == 0


async def test_a_stop_that_came_first_stops_at_the_door(attempt: Attempt) -> None:
    attempt.request_stop()
    with pytest.raises(StoppedByPerson):
        async with attempt.stoppable():
            raise AssertionError("nothing of it may run")


async def test_a_stop_outside_the_block_cuts_nothing(attempt: Attempt) -> None:
    going_on = asyncio.Event()
    done: list[str] = []

    async def handle() -> None:
        async with attempt.stoppable():
            await asyncio.sleep(0)
        await going_on.wait()
        done.append("answer posted whole")

    handler = asyncio.create_task(handle())
    attempt.started(handler)
    for _ in range(3):
        await asyncio.sleep(0)
    attempt.request_stop()
    going_on.set()
    await handler
    assert done == ["answer posted whole"]


async def test_a_part_that_ends_in_its_own_error_when_stopped_was_stopped(attempt: Attempt) -> None:
    class JobCancelled(Exception):
        pass

    async def handle() -> None:
        async with attempt.stoppable():
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                raise JobCancelled from None

    handler = asyncio.create_task(handle())
    await run(attempt, handler)
    attempt.request_stop()
    with pytest.raises(StoppedByPerson) as caught:
        await handler
    assert isinstance(caught.value.__cause__, JobCancelled)


async def test_a_shutdown_wins_over_a_stop(attempt: Attempt) -> None:
    async def handle() -> None:
        async with attempt.stoppable():
            await asyncio.Event().wait()

    handler = asyncio.create_task(handle())
    await run(attempt, handler)
    attempt.request_stop()
    attempt.cancel(Cancellation.SHUTDOWN)
    with pytest.raises(asyncio.CancelledError):
        await handler
    assert attempt.cancellation is Cancellation.SHUTDOWN


async def test_a_part_that_finishes_in_spite_of_the_stop_counts(attempt: Attempt) -> None:
    async def handle() -> None:
        async with attempt.stoppable():
            with contextlib.suppress(asyncio.CancelledError):
                await asyncio.Event().wait()
        await asyncio.sleep(0)

    handler = asyncio.create_task(handle())
    await run(attempt, handler)
    attempt.request_stop()
    await handler
    assert handler.cancelling() == 0


async def test_a_cancellation_before_the_handler_starts_reaches_it(attempt: Attempt) -> None:
    attempt.cancel(Cancellation.SHUTDOWN)
    handler = asyncio.create_task(asyncio.Event().wait())
    attempt.started(handler)  # type: ignore[arg-type]
    with pytest.raises(asyncio.CancelledError, match="shutdown"):
        await handler


async def test_the_first_reason_stands_and_an_ended_handler_is_left_alone(attempt: Attempt) -> None:
    async def handle() -> None:
        return

    handler = asyncio.create_task(handle())
    attempt.started(handler)
    await handler
    assert not attempt.cancel(Cancellation.LEASE_LOST)
    assert attempt.cancellation is None
