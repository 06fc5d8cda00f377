"""A reply, and beside it the agent session of its thread."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from agent.notice import Notice
from agent.turn import Answer, Progress
from bot.slack.sessions import Session, Sessions
from bot.surface import Draft, Place, Presenter


class SessionPresenter:
    """`bot.surface.Presenter`: the reply is the other presenter's."""

    def __init__(self, presenter: Presenter, sessions: Sessions) -> None:
        self._presenter = presenter
        self._sessions = sessions

    @asynccontextmanager
    async def open(self, place: Place, *, may_exist: bool) -> AsyncGenerator[Draft]:
        """The reply first: it is what people look for."""
        async with self._presenter.open(place, may_exist=may_exist) as draft:
            session = self._sessions.begin(place)
            try:
                yield _DraftInSession(draft, session)
            except BaseException:
                # Stopped with the daemon, or to be tried again: the work goes on, and so does the session.
                await session.leave()
                raise
            await session.end()


class _DraftInSession:
    def __init__(self, draft: Draft, session: Session) -> None:
        self._draft = draft
        self._session = session

    async def show(self, progress: Progress) -> None:
        self._session.show(progress)
        await self._draft.show(progress)

    async def finish(self, answer: Answer, seconds: float | None) -> None:
        await self._draft.finish(answer, seconds)

    async def say(self, *notices: Notice) -> None:
        await self._draft.say(*notices)

    async def help(self) -> None:
        await self._draft.help()
