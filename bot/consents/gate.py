"""Before a turn in a channel: is it one that another company shares, and has a colleague allowed answers there?"""

from typing import Protocol

import structlog

from bot.consents.consents import Consents
from bot.inbox.items import TurnRequested
from bot.surface import Place, Rooms

log = structlog.get_logger(__name__)


class ConsentRequests(Protocol):
    async def post(self, place: Place, *, may_exist: bool) -> None:
        """Ask for consent as the reply of *place*, in place of what stands there; it is in Replies when this returns.

        `may_exist`: an earlier attempt may have posted it and had no time to write that down.
        """
        ...


class ConsentGate:
    """Denies by default.

    A room that cannot be described is not held back here: it is one that the bot was not invited to, and there the
    answer, weighed as for strangers, goes to the asker alone.
    """

    def __init__(self, *, consents: Consents, rooms: Rooms, requests: ConsentRequests) -> None:
        self._consents = consents
        self._rooms = rooms
        self._requests = requests

    async def lets_through(self, item: TurnRequested) -> bool:
        if item.surface == "dm":
            return True
        # An event says so itself; a press or a command does not, and the room is asked about.
        is_shared = item.external if item.external is not None else await self._rooms.is_shared(item.channel)
        return not is_shared or await self._consents.given_by(item.channel) is not None

    async def ask(self, place: Place, *, may_exist: bool) -> None:
        """In place of an answer. Nothing of the question is read by the model or kept but for its inbox item."""
        await self._requests.post(place, may_exist=may_exist)
        log.info("consent.asked", channel=place.channel, turn=place.turn_id)
