"""`/longtask`: the living example of a command whose work outlasts Slack's three seconds.

The listener only puts an item into the inbox and says so in its ack; a worker does the work, and the address that came
with the command is where the person hears the end of it. A crash in between makes the work begin anew.
"""

import asyncio
from collections.abc import Awaitable, Callable

from agent.notice import Notice
from bot.commands.responses import Responses
from bot.inbox.items import LongTaskRequested
from bot.surface import People


class LongTaskService:
    def __init__(
        self, *, responses: Responses, people: People, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    ) -> None:
        self._responses = responses
        self._people = people
        self._sleep = sleep

    async def run(self, item: LongTaskRequested) -> None:
        await self._sleep(item.seconds)  # the work
        await self._tell(item, Notice("longtask.done", {"seconds": item.seconds}))

    async def give_up(self, item: LongTaskRequested) -> None:
        await self._tell(item, Notice("longtask.failed"))

    async def _tell(self, item: LongTaskRequested, notice: Notice) -> None:
        person = await self._people.find(item.user)
        await self._responses.respond(item.address, [notice], person.language_for(""))
