"""The in-memory inbox, which can also refuse or dawdle on demand, and remembers what was asked of it."""

import asyncio

from bot.inbox.inbox import InboxUnavailable
from bot.inbox.items import Item
from tests.fakes.memory_inbox import MemoryInbox


class FakeInbox(MemoryInbox):
    def __init__(self) -> None:
        super().__init__()
        self.puts = 0
        self.stops: list[str] = []
        self.running: set[str] = set()
        """Conversations in which `request_stop` finds something."""
        self.failures = 0
        """How many of the next puts fail."""
        self.gate = asyncio.Event()
        """Puts wait for it."""
        self.gate.set()

    @property
    def items(self) -> list[Item]:
        """In the order in which they were put."""
        return [entry.item for entry in self.entries.values()]

    async def put(self, item: Item) -> bool:
        self.puts += 1
        await self.gate.wait()
        if self.failures:
            self.failures -= 1
            raise InboxUnavailable("down")
        return await super().put(item)

    async def request_stop(self, conversation: str) -> bool:
        self.stops.append(conversation)
        return await super().request_stop(conversation) or conversation in self.running
