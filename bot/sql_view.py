"""Show SQL: a modal that was opened empty, inside its trigger's three seconds, gets the SQL of an answer."""

from typing import Protocol

from agent.turn import Answer, Language
from bot.inbox.items import SqlViewRequested
from bot.replies import Replies
from bot.shown_answer import ShownAnswers
from bot.surface import Rooms


class SqlViews(Protocol):
    async def fill(self, view_id: str, answer: Answer) -> None: ...

    async def say_missing(self, view_id: str, language: Language) -> None:
        """The SQL is no longer kept, or was not said in this channel."""
        ...

    async def say_refused(self, view_id: str, language: Language) -> None:
        """Whoever pressed is not in the room, or nobody can say that they are."""
        ...


class SqlViewService:
    def __init__(self, *, replies: Replies, views: SqlViews, rooms: Rooms) -> None:
        self._shown = ShownAnswers(replies=replies, rooms=rooms)
        self._views = views

    async def run(self, item: SqlViewRequested) -> None:
        answer = await self._shown.find(item.turn_id, channel=item.channel, user=item.user)
        if answer == "missing":
            await self._views.say_missing(item.view_id, item.language)
        elif answer == "refused":
            await self._views.say_refused(item.view_id, item.language)
        else:
            await self._views.fill(item.view_id, answer)

    async def give_up(self, item: SqlViewRequested) -> None:
        """Nobody will try again: better a sentence than a modal that loads for ever."""
        await self._views.say_missing(item.view_id, item.language)
