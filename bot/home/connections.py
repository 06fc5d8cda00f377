"""What the bot depends on, as the Home tab tells of it: asked with a short patience, remembered for a moment."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Final

import structlog

from agent.notice import Notice

log = structlog.get_logger(__name__)

LOOK_SECONDS: Final = 5.0
REMEMBERED_SECONDS: Final = 30.0
"""Everybody who opens their Home in a morning asks the same."""


class ConnectionsView:
    def __init__(
        self,
        *,
        project: str,
        model: str,
        ask_warehouse: Callable[[], Awaitable[object]],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """*ask_warehouse* raises when BigQuery does not answer."""
        self._project = project
        self._model = model
        self._ask_warehouse = ask_warehouse
        self._clock = clock
        self._known: tuple[float, bool] | None = None

    async def look(self) -> tuple[Notice, ...]:
        code = "home.warehouse_up" if await self._warehouse_answers() else "home.warehouse_down"
        return Notice(code, {"project": self._project}), Notice("home.model", {"model": self._model})

    async def _warehouse_answers(self) -> bool:
        if self._known is None or self._clock() - self._known[0] >= REMEMBERED_SECONDS:
            self._known = (self._clock(), await self._try())
        return self._known[1]

    async def _try(self) -> bool:
        try:
            async with asyncio.timeout(LOOK_SECONDS):
                await self._ask_warehouse()
        except Exception as error:  # the boundary: whatever it was, the warehouse cannot be used
            log.warning("home.warehouse_down", error=repr(error))
            return False
        return True
