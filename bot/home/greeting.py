"""The first time somebody opens their direct message with the bot, it says hello there, and what it is for."""

from typing import Protocol

import structlog

from bot.inbox.items import PaneOpened
from bot.replies import Replies
from bot.surface import People, Place

log = structlog.get_logger(__name__)


class Greetings(Protocol):
    async def greet(self, place: Place, *, may_exist: bool) -> None:
        """Say hello at *place*; where it stands is in Replies when this returns. Raises what is transient.

        `may_exist`: an earlier attempt may have posted it and had no time to write that down.
        """
        ...


class GreetingService:
    def __init__(self, *, replies: Replies, people: People, greetings: Greetings) -> None:
        self._replies = replies
        self._people = people
        self._greetings = greetings

    async def run(self, item: PaneOpened, *, attempt: int) -> None:
        """Once for each person; never below a conversation that has begun without it."""
        greeting_id = f"greeting:{item.team}:{item.user}"
        conversation = f"{item.team}:{item.channel}"
        if await self._replies.find(greeting_id) is not None or await self._replies.has_joined(conversation):
            return
        person = await self._people.find(item.user)
        place = Place(
            turn_id=greeting_id,
            conversation=conversation,
            channel=item.channel,
            thread_ts=None,
            user=item.user,
            asked_at=float(item.spoken_at),
            language=person.language_for(""),
        )
        await self._greetings.greet(place, may_exist=attempt > 1)
        log.info("greeting.said", user=item.user)
