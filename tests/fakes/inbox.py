"""An inbox that remembers what was put, and can refuse or dawdle on demand."""

import asyncio
from datetime import timedelta

from bot.inbox.inbox import Claim, InboxUnavailable
from bot.inbox.items import Item


class FakeInbox:
    def __init__(self) -> None:
        self.items: list[Item] = []
        self.puts = 0
        self.stops: list[str] = []
        self.running: set[str] = set()
        """Conversations in which `request_stop` finds something."""
        self.failures = 0
        """How many of the next puts fail."""
        self.gate = asyncio.Event()
        """Puts wait for it."""
        self.gate.set()
        self.wake = asyncio.Event()

    async def put(self, item: Item) -> bool:
        self.puts += 1
        await self.gate.wait()
        if self.failures:
            self.failures -= 1
            raise InboxUnavailable("down")
        if any(known.dedupe_key == item.dedupe_key for known in self.items):
            return False
        self.items.append(item)
        return True

    async def request_stop(self, conversation: str) -> bool:
        self.stops.append(conversation)
        return conversation in self.running

    async def claim(self, limit: int, *, control: bool = False) -> list[Claim]:
        raise NotImplementedError

    async def renew(self) -> frozenset[int]:
        raise NotImplementedError

    async def stop_requests(self) -> frozenset[int]:
        raise NotImplementedError

    async def complete(self, claim: Claim) -> bool:
        raise NotImplementedError

    async def retry(self, claim: Claim, error: str, after: timedelta) -> bool:
        raise NotImplementedError

    async def release(self, claim: Claim) -> bool:
        raise NotImplementedError

    async def bury(self, claim: Claim, error: str) -> bool:
        raise NotImplementedError

    async def prune(self, older_than: timedelta) -> int:
        raise NotImplementedError
