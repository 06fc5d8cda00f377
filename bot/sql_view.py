"""Show SQL: a modal that was opened empty, inside its trigger's three seconds, gets the SQL of an answer."""

from typing import Protocol

import structlog

from agent.turn import Answer, Language
from bot.inbox.items import SqlViewRequested
from bot.replies import Replies, decode_answer
from bot.surface import Rooms

log = structlog.get_logger(__name__)


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
        self._replies = replies
        self._views = views
        self._rooms = rooms

    async def run(self, item: SqlViewRequested) -> None:
        reply = await self._replies.find(item.turn_id)
        # The button's value comes back from outside: an answer is shown only where it was given.
        if reply is None or reply.answer is None or reply.channel != item.channel:
            log.warning("sql_view.no_answer", turn=item.turn_id, channel=item.channel, user=item.user)
            await self._views.say_missing(item.view_id, item.language)
            return
        # A public channel is read, and pressed in, by people who are not in it: the answer was not weighed for them.
        if not await self._rooms.holds(item.channel, item.user):
            log.warning("sql_view.refused", turn=item.turn_id, channel=item.channel, user=item.user)
            await self._views.say_refused(item.view_id, item.language)
            return
        try:
            answer = decode_answer(reply.answer)
        except ValueError:  # kept by another version of the bot
            log.warning("sql_view.answer_unreadable", turn=item.turn_id)
            await self._views.say_missing(item.view_id, item.language)
            return
        await self._views.fill(item.view_id, answer)

    async def give_up(self, item: SqlViewRequested) -> None:
        """Nobody will try again: better a sentence than a modal that loads for ever."""
        await self._views.say_missing(item.view_id, item.language)
