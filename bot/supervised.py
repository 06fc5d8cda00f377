"""What the service manager hears of us: that the start goes on, that we are ready, how we are, that we are alive."""

import asyncio
from collections.abc import Callable
from types import TracebackType
from typing import Final, Self

from bot.status_line import keep_status, status_line
from bot.systemd import extend_timeout, notify_ready, notify_status, ping_watchdog, watchdog_seconds
from bot.vitals import Vitals
from bot.watchdog import keep_watchdog_fed

LONGEST_START: Final = 600.0
"""Seconds, for a start that compiles the SQL engine, migrates a large table, waits for Slack. Then systemd ends us."""
EXTENSION: Final = 30.0
"""Seconds that each extension is good for: a start whose event loop hangs does not extend itself."""


class StartExtension:
    """Asks for more than TimeoutStartSec= as long as the start goes on: `async with`, until `end`."""

    def __init__(self) -> None:
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(_keep_extending(), name="start-extension")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.end()

    async def end(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)


async def keep_supervisor_informed(read: Callable[[], Vitals], pong_age: Callable[[], float | None]) -> None:
    """Say that we are ready, then how and that we are, until cancelled."""
    notify_ready(status_line(read()))
    async with asyncio.TaskGroup() as group:
        group.create_task(keep_status(read, notify_status), name="status-line")
        if (seconds := watchdog_seconds()) is not None:
            group.create_task(keep_watchdog_fed(seconds, pong_age, ping_watchdog), name="watchdog")


async def _keep_extending() -> None:
    notify_status("Starting")
    for _ in range(int(LONGEST_START / EXTENSION * 3)):
        extend_timeout(EXTENSION)
        await asyncio.sleep(EXTENSION / 3)
