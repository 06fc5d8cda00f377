"""Buckets, gates and who goes first."""

import asyncio
import heapq
import itertools

import pytest

from bot.slack.gates import ALLOWANCES, Allowance, Gates, TooLongAWait, Urgency
from tests.fakes.clock import FakeTime

PATIENT = 1000.0


class Crowd:
    """Several sleepers on one clock: it goes on to whoever wakes first."""

    def __init__(self) -> None:
        self.now = 100.0
        self._sleepers: list[tuple[float, int, asyncio.Event]] = []
        self._numbers = itertools.count()

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        event = asyncio.Event()
        heapq.heappush(self._sleepers, (self.now + seconds, next(self._numbers), event))
        await event.wait()

    async def until(self, end: float) -> None:
        """Let time pass, one waking at a time."""
        for _ in range(10):
            await asyncio.sleep(0)
        while self._sleepers and self._sleepers[0][0] <= end:
            self.now, _, event = heapq.heappop(self._sleepers)
            event.set()
            for _ in range(10):
                await asyncio.sleep(0)
        self.now = end


def gates_on(time: FakeTime | Crowd, **allowances: Allowance) -> Gates:
    return Gates(allowances=allowances or ALLOWANCES, clock=time, sleep=time.sleep)


async def test_a_closed_gate_holds_every_caller_of_its_method() -> None:
    time = FakeTime()
    gates = gates_on(time)
    gates.close("chat.update", "C1", 30)
    assert gates.seconds_closed("chat.update", "C1") == 30
    assert gates.seconds_closed("chat.update", "C2") == 30, "Slack counts updates in the whole workspace"
    assert gates.seconds_closed("chat.postMessage", "C1") == 0
    assert not gates.enter_now("chat.update", "C2")
    await gates.enter("chat.update", "C2", Urgency.ANSWER, patience=PATIENT)
    assert time.now == 130


def test_posts_are_counted_by_channel() -> None:
    gates = gates_on(FakeTime())
    gates.close("chat.postMessage", "C1", 30)
    assert gates.seconds_closed("chat.postMessage", "C2") == 0
    assert gates.enter_now("chat.postMessage", "C2")


async def test_a_gate_that_is_closed_again_meanwhile_holds_on() -> None:
    time = FakeTime()
    gates = gates_on(time)
    gates.close("m", "C1", 5)
    waiting = asyncio.create_task(gates.enter("m", "C1", Urgency.SIGN, patience=PATIENT))
    await asyncio.sleep(0)
    gates.close("m", "C1", 20)
    await waiting
    assert time.now == 120


def test_a_shorter_wait_does_not_open_a_gate_early() -> None:
    gates = gates_on(FakeTime())
    gates.close("m", "C1", 20)
    gates.close("m", "C1", 1)
    assert gates.seconds_closed("m", "C1") == 20


async def test_who_has_no_patience_is_told_at_once() -> None:
    time = FakeTime()
    gates = gates_on(time, m=Allowance(60, burst=1))
    assert await gates.enter("m", "", Urgency.SIGN, patience=0) == 0
    with pytest.raises(TooLongAWait):
        await gates.enter("m", "", Urgency.SIGN, patience=0.5)
    assert time.slept == []


async def test_a_bucket_spends_its_burst_and_then_one_token_at_a_time() -> None:
    time = Crowd()
    gates = gates_on(time, m=Allowance(60, burst=3))
    passed: list[float] = []

    async def call() -> None:
        await gates.enter("m", "", Urgency.SIGN, patience=PATIENT)
        passed.append(time.now - 100)

    calls = [asyncio.create_task(call()) for _ in range(6)]
    await time.until(110)
    await asyncio.gather(*calls)
    assert passed == [0, 0, 0, 1, 2, 3]


async def test_an_answer_goes_before_the_signs_that_wait_longer() -> None:
    time = Crowd()
    gates = gates_on(time, m=Allowance(60, burst=1))
    passed: list[str] = []

    async def call(name: str, urgency: Urgency) -> None:
        await gates.enter("m", "", urgency, patience=PATIENT)
        passed.append(name)

    names = [("first", Urgency.SIGN), ("tidying", Urgency.TIDYING), ("sign", Urgency.SIGN), ("answer", Urgency.ANSWER)]
    calls = [asyncio.create_task(call(*name)) for name in names]
    await time.until(110)
    await asyncio.gather(*calls)
    assert passed == ["first", "answer", "sign", "tidying"]


async def test_who_gives_up_waiting_leaves_the_line() -> None:
    time = Crowd()
    gates = gates_on(time, m=Allowance(60, burst=1))
    assert gates.enter_now("m", "")
    given_up, waiting = (asyncio.create_task(gates.enter("m", "", Urgency.SIGN, patience=PATIENT)) for _ in range(2))
    await asyncio.sleep(0)
    given_up.cancel()
    await time.until(102)
    assert waiting.done()
    assert await waiting <= 2


def test_progress_leaves_the_spare_tokens_to_answers() -> None:
    gates = gates_on(FakeTime(), m=Allowance(60, burst=5, spare=3))
    assert [gates.enter_now("m", "") for _ in range(4)] == [True, True, False, False]


async def test_after_a_429_those_who_wait_pass_one_by_one() -> None:
    time = Crowd()
    gates = gates_on(time, m=Allowance(60, burst=50))
    gates.close("m", "", 2)
    passed: list[float] = []

    async def call() -> None:
        await gates.enter("m", "", Urgency.SIGN, patience=PATIENT)
        passed.append(time.now - 100)

    calls = [asyncio.create_task(call()) for _ in range(4)]
    await time.until(110)
    await asyncio.gather(*calls)
    assert passed == [2, 2, 3, 4], "what was earned behind the closed gate, then the bucket's own pace"


@pytest.mark.parametrize(
    ("method", "slacks_minute"), [("chat.startStream", 20), ("chat.stopStream", 20), ("chat.appendStream", 100)]
)
def test_no_minute_of_ours_is_more_than_slacks(method: str, slacks_minute: int) -> None:
    allowance = ALLOWANCES[method]
    assert allowance.burst + allowance.per_minute <= slacks_minute
