"""Replies, traced: opening one and delivering the answer are spans; the steps that are shown between are not."""

from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager

from agent.notice import Notice
from agent.turn import Answer, Progress
from bot.surface import Draft, Place, Presenter
from bot.tracing.spans import Spans, tell_item
from bot.tracing.traced_answers import told_by


class TracedPresenter:
    """`bot.surface.Presenter`."""

    def __init__(self, presenter: Presenter, spans: Spans) -> None:
        self._presenter = presenter
        self._spans = spans

    @asynccontextmanager
    async def open(self, place: Place, *, may_exist: bool) -> AsyncGenerator[Draft]:
        async with AsyncExitStack() as stack:
            with self._spans.open("open_reply"):
                draft = await stack.enter_async_context(self._presenter.open(place, may_exist=may_exist))
            yield _TracedDraft(draft, self._spans)


class _TracedDraft:
    def __init__(self, draft: Draft, spans: Spans) -> None:
        self._draft = draft
        self._spans = spans

    async def show(self, progress: Progress) -> None:
        await self._draft.show(progress)

    async def finish(self, answer: Answer, seconds: float | None) -> None:
        tell_item(told_by(answer))  # an earlier try may have come to it
        with self._spans.open("deliver"):
            await self._draft.finish(answer, seconds)

    async def say(self, *notices: Notice) -> None:
        with self._spans.open("deliver"):
            await self._draft.say(*notices)

    async def help(self) -> None:
        with self._spans.open("deliver"):
            await self._draft.help()
