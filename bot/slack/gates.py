"""Where Slack said "not before": one gate per method and channel, shared by every caller."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Final, TypeAlias

Sleep: TypeAlias = Callable[[float], Awaitable[None]]
Clock: TypeAlias = Callable[[], float]

_MOST_GATES: Final = 1000


class Gates:
    """A 429 closes the gate for all, so that ten callers do not knock on the same door together."""

    def __init__(self, *, clock: Clock = time.monotonic, sleep: Sleep = asyncio.sleep) -> None:
        self._clock = clock
        self._sleep = sleep
        self._opens_at: dict[tuple[str, str], float] = {}

    def seconds_closed(self, method: str, channel: str) -> float:
        """0.0 when a call may be made now."""
        return max(0.0, self._opens_at.get((method, channel), 0.0) - self._clock())

    def close(self, method: str, channel: str, seconds: float) -> None:
        """Not before *seconds* from now; a later end that is known already stands."""
        if len(self._opens_at) >= _MOST_GATES:
            now = self._clock()
            self._opens_at = {key: at for key, at in self._opens_at.items() if at > now}
        at = self._clock() + seconds
        self._opens_at[method, channel] = max(at, self._opens_at.get((method, channel), 0.0))

    async def wait(self, method: str, channel: str) -> None:
        # Asked again after the sleep: another caller may have been turned away meanwhile.
        while (seconds := self.seconds_closed(method, channel)) > 0:
            await self._sleep(seconds)
