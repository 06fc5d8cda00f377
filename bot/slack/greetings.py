"""The bot's first words to somebody, in their direct message."""

from bot.replies import Replies
from bot.slack.desk import Desk
from bot.slack.draft import keep_place
from bot.slack.messages.help import render_help
from bot.surface import Place


class SlackGreetings:
    """`bot.home.greeting.Greetings`."""

    def __init__(self, desk: Desk, replies: Replies) -> None:
        self._desk = desk
        self._replies = replies

    async def greet(self, place: Place, *, may_exist: bool) -> None:
        posted = await self._desk.find(place) if may_exist else None
        if posted is None:
            posted = await self._desk.post_there(place, render_help(place.language))
        await keep_place(self._replies, place, posted)
