"""Asks the database how full the inbox is, and takes no answer in time for an answer."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, Final

import structlog

from bot.vitals import Queue

log = structlog.get_logger(__name__)

LONGEST_SECONDS: Final = 5.0


class DatabaseLook:
    """One question at a time: a frozen server is not asked again before it has answered, or its connection broke."""

    def __init__(
        self, ask: Callable[[], Coroutine[Any, Any, Queue]], *, longest_seconds: float = LONGEST_SECONDS
    ) -> None:
        self._ask = ask
        self._longest_seconds = longest_seconds
        self._asking: asyncio.Task[Queue] | None = None

    async def queue(self) -> Queue | None:
        """None while the database is away."""
        if self._asking is None:
            self._asking = asyncio.create_task(self._ask(), name="queue-depth")
        # Left behind, not cancelled: cancelling a query asks that same server, and takes as long.
        await asyncio.wait({self._asking}, timeout=self._longest_seconds)
        if not self._asking.done():
            return None
        asked, self._asking = self._asking, None
        try:
            return asked.result()
        except Exception as error:  # the boundary: whatever ails the database
            log.info("outages.database_away", error=type(error).__name__)
            return None

    async def close(self) -> None:
        if self._asking is not None:
            self._asking.cancel()
            await asyncio.gather(self._asking, return_exceptions=True)
