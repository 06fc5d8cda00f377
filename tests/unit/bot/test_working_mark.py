"""👀 while something is worked on."""

import asyncio

import pytest

from bot.working_mark import WorkingMark
from tests.fakes.marks import FakeMarks


async def test_the_mark_goes_when_the_work_is_done_and_never_before_it_came() -> None:
    marks = FakeMarks()
    marks.gate.clear()
    working = asyncio.create_task(_work(WorkingMark(marks)))
    await asyncio.sleep(0.01)  # the work is long over
    assert not working.done()
    marks.gate.set()
    await working
    assert marks.calls == [("add", "C1", "1.0"), ("remove", "C1", "1.0")]


async def _work(mark: WorkingMark, error: BaseException | None = None) -> None:
    async with mark.on("C1", "1.0"):
        await asyncio.sleep(0)
        if error is not None:
            raise error


async def test_work_that_goes_on_elsewhere_keeps_its_mark() -> None:
    marks = FakeMarks()
    with pytest.raises(ConnectionError):
        await _work(WorkingMark(marks), ConnectionError())
    assert marks.on == {("C1", "1.0")}


async def test_a_mark_that_is_on_its_way_holds_no_shutdown_up() -> None:
    marks = FakeMarks()
    marks.gate.clear()
    with pytest.raises(asyncio.CancelledError):
        await _work(WorkingMark(marks), asyncio.CancelledError())
    assert marks.calls == []


async def test_what_nobody_wrote_has_no_mark() -> None:
    marks = FakeMarks()
    async with WorkingMark(marks).on("C1", None):
        pass
    await WorkingMark(marks).remove("C1", None)
    assert marks.calls == []
