"""Replies, timed: from what a person said to the whole answer in front of them, waits and second tries included."""

from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from datetime import datetime

from prometheus_client import Histogram

from agent.notice import Notice
from agent.turn import Answer, Progress
from bot.metrics.instruments import Instruments
from bot.surface import Draft, Place, Presenter


class MeteredPresenter:
    """`bot.surface.Presenter`."""

    def __init__(self, presenter: Presenter, instruments: Instruments, now: Callable[[], datetime]) -> None:
        self._presenter = presenter
        self._seconds = instruments.answer
        self._now = now

    @asynccontextmanager
    async def open(self, place: Place, *, may_exist: bool) -> AsyncGenerator[Draft]:
        async with self._presenter.open(place, may_exist=may_exist) as draft:
            yield _TimedDraft(draft, place.asked_at, self._seconds, self._now)


class _TimedDraft:
    def __init__(self, draft: Draft, asked_at: float, seconds: Histogram, now: Callable[[], datetime]) -> None:
        self._draft = draft
        self._asked_at = asked_at
        self._seconds = seconds
        self._now = now

    async def show(self, progress: Progress) -> None:
        await self._draft.show(progress)

    async def finish(self, answer: Answer, seconds: float | None) -> None:
        await self._draft.finish(answer, seconds)
        # Slack's clock on one side and ours on the other: a little less than nothing is nothing.
        self._seconds.observe(max(0.0, self._now().timestamp() - self._asked_at))

    async def say(self, *notices: Notice) -> None:
        await self._draft.say(*notices)

    async def help(self) -> None:
        await self._draft.help()
