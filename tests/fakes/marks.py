"""👀 on messages, and messages that were deleted."""

import asyncio

from bot.replies import Reply


class FakeMarks:
    def __init__(self) -> None:
        self.on: set[tuple[str, str]] = set()
        self.calls: list[tuple[str, str, str]] = []
        self.gate = asyncio.Event()
        """Adding waits for it."""
        self.gate.set()

    async def add(self, channel: str, ts: str) -> None:
        await self.gate.wait()
        self.calls.append(("add", channel, ts))
        self.on.add((channel, ts))

    async def remove(self, channel: str, ts: str) -> None:
        self.calls.append(("remove", channel, ts))
        self.on.discard((channel, ts))


class FakeRemovals:
    def __init__(self) -> None:
        self.removed: list[tuple[str, str]] = []

    async def remove(self, channel: str, ts: str) -> None:
        self.removed.append((channel, ts))

    async def take_away(self, reply: Reply) -> None:
        """What stands below it, as if in a channel of that name."""
        self.removed.append(("below", str(reply.ts)))
