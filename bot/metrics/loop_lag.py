"""How long the event loop keeps a timer waiting: what blocks it blocks every answer and every ack."""

import asyncio
from collections import deque
from typing import Final

BEAT_SECONDS: Final = 0.5
REMEMBERED_SECONDS: Final = 60.0


class LoopLag:
    def __init__(self) -> None:
        self.longest = 0.0
        """Seconds, over the last minute. A number and no look at the beats: scrapes read it from another thread."""
        self._late: deque[float] = deque(maxlen=int(REMEMBERED_SECONDS / BEAT_SECONDS))

    async def watch(self) -> None:
        """Until cancelled."""
        loop = asyncio.get_running_loop()
        while True:
            due = loop.time() + BEAT_SECONDS
            await asyncio.sleep(BEAT_SECONDS)
            self._late.append(max(0.0, loop.time() - due))
            self.longest = max(self._late)
