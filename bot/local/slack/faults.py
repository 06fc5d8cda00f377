"""Misbehaviour on demand: the next calls of a method fail the way Slack's do."""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from bot.local.slack.shapes import SlackError


@dataclass(frozen=True, slots=True)
class Fault:
    error: str = "internal_error"
    status: int = 200
    retry_after: int | None = None
    delay: float = 0.0
    """Seconds to wait first."""
    after: bool = False
    """True: the call takes effect and only its answer is lost, which is what a client must be idempotent for."""
    cut: bool = False
    """True: the connection breaks without an answer."""


class CutOff(Exception):
    """The caller hears nothing more."""


class Faults:
    def __init__(self, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep) -> None:
        self._sleep = sleep
        self._waiting: defaultdict[str, list[Fault]] = defaultdict(list)
        self._slow = (0.0, 0)

    def add(self, method: str, fault: Fault, times: int = 1) -> None:
        self._waiting[method].extend([fault] * times)

    def slow_down(self, seconds: float, calls: int) -> None:
        """Each of the next *calls*, of whatever method, takes *seconds* more."""
        self._slow = (seconds, calls)

    async def pass_slowly(self) -> None:
        """Where calls are slow, wait."""
        seconds, calls = self._slow
        if calls:
            self._slow = (seconds, calls - 1)
            await self._sleep(seconds)

    def next(self, method: str) -> Fault | None:
        """The fault that *method*'s present call must suffer, if one waits for it."""
        waiting = self._waiting.get(method)
        return waiting.pop(0) if waiting else None


async def suffer(fault: Fault) -> None:
    await asyncio.sleep(fault.delay)
    if fault.cut:
        raise CutOff
    raise SlackError(fault.error, status=fault.status, retry_after=fault.retry_after)
