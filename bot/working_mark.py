"""👀 on the message that asks, while it is worked on."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Protocol


class Marks(Protocol):
    """Emoji of ours on people's messages. Nothing rests on them: best effort, never raises."""

    async def add(self, channel: str, ts: str) -> None:
        """Also when it is there already."""
        ...

    async def remove(self, channel: str, ts: str) -> None:
        """Also when it is gone already."""
        ...


class WorkingMark:
    def __init__(self, marks: Marks) -> None:
        self._marks = marks

    @asynccontextmanager
    async def on(self, channel: str, ts: str | None) -> AsyncGenerator[None]:
        """Nobody waits for the mark. It stays when the block fails: the work goes on, later or elsewhere."""
        if ts is None:
            yield
            return
        adding = asyncio.create_task(self._marks.add(channel, ts), name=f"mark-{channel}-{ts}")
        try:
            yield
        except asyncio.CancelledError:
            adding.cancel()
            await asyncio.wait([adding])
            raise
        except Exception:
            await asyncio.wait([adding])
            raise
        await asyncio.wait([adding])  # overtaken by the removal, it would stay for good
        await self._marks.remove(channel, ts)

    async def remove(self, channel: str, ts: str | None) -> None:
        """The work was given up."""
        if ts is not None:
            await self._marks.remove(channel, ts)
