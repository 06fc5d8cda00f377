"""Jobs whose turn died before it could pay: BigQuery is asked what they cost, and what is held for them is settled."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Final, Protocol

import structlog

log = structlog.get_logger(__name__)

COLLECT_SECONDS: Final = 60.0


class Collector(Protocol):
    async def collect_all(self, untouched_for: timedelta) -> None: ...


async def keep_collecting(
    cashier: Collector, *, untouched_for: timedelta, pause: Callable[[float], Awaitable[None]] = asyncio.sleep
) -> None:
    """Run until cancelled. *untouched_for* is longer than a turn that lives can take for one job."""
    while True:
        try:
            await cashier.collect_all(untouched_for)
        except Exception as error:  # the boundary of one round: the next comes in a minute
            log.warning("budget.collection_failed", error=type(error).__name__)
        await pause(COLLECT_SECONDS)
