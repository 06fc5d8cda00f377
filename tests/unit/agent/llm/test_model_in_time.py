"""A turn's time with models: cut short in the middle of a call, refused after it, and told once."""

import asyncio

import pytest

from agent.errors import ModelUnavailable, TurnTimeSpent
from agent.llm.in_time import ModelInTime
from agent.llm.model import Meter, Prompt, Shape, ShapeT

PROMPT = Prompt("say", "s", "u", 10)


class Word(Shape):
    word: str


class Slow:
    """Never answers; *late* is raised by its first call at once, as a deadline of its own."""

    def __init__(self, late: Exception | None = None) -> None:
        self.late = late
        self.asked = 0
        self.cancelled = 0

    async def ask(self, prompt: Prompt, shape: type[ShapeT], meter: Meter) -> ShapeT:
        self.asked += 1
        if self.late is not None:
            raise self.late
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        raise AssertionError("unreachable")


async def test_a_call_is_ended_with_the_turns_time_and_no_later_one_begins() -> None:
    slow, meter = Slow(), Meter()
    model = ModelInTime(slow, 0.01)
    for _ in range(2):
        with pytest.raises(TurnTimeSpent):
            await model.ask(PROMPT, Word, meter)
    assert (slow.asked, slow.cancelled) == (1, 1)
    assert isinstance(meter.turned_away, TurnTimeSpent)


@pytest.mark.parametrize("late", [ModelUnavailable("no answer within 1 s"), TimeoutError()])
async def test_another_deadline_is_not_taken_for_the_turns(late: Exception) -> None:
    meter = Meter()
    with pytest.raises(type(late)):
        await ModelInTime(Slow(late), 60).ask(PROMPT, Word, meter)
    assert meter.turned_away is None
