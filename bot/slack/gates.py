"""When Slack may be called: a bucket of tokens and a gate per method (and channel), shared by every caller."""

import asyncio
import bisect
import itertools
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Final, TypeAlias

Sleep: TypeAlias = Callable[[float], Awaitable[None]]
Clock: TypeAlias = Callable[[], float]

_MOST_GATES: Final = 1000
_SHORTEST_SLEEP: Final = 0.001
"""Seconds. A wait that rounding has made nothing must still let time pass."""


class Urgency(IntEnum):
    """Who goes first when several wait for one gate."""

    ANSWER = 0
    """What somebody waits for."""
    SIGN = 1
    """That we have heard them; and whatever else is asked of Slack."""
    TIDYING = 2
    """What nobody looks at."""


@dataclass(frozen=True, slots=True)
class Allowance:
    """What we grant ourselves of a method. Never more than `burst + per_minute` calls in a minute."""

    per_minute: float
    burst: int
    is_per_channel: bool = False
    spare: int = 0
    """Tokens that progress leaves in the bucket, for the answers behind it."""


ALLOWANCES: Final[Mapping[str, Allowance]] = {
    # "One a second per channel, short bursts tolerated": Slack names no size for the burst.
    "chat.postMessage": Allowance(60, burst=8, is_per_channel=True),
    "chat.postEphemeral": Allowance(60, burst=8, is_per_channel=True),
    # Tier 3, 50+ a minute in the whole workspace. Every answer ends in one.
    "chat.update": Allowance(48, burst=40, spare=20),
    # Tiers 2, 2 and 4: 20+, 20+ and 100+ a minute, shared by all streams of the workspace.
    "chat.startStream": Allowance(8, burst=10),
    "chat.stopStream": Allowance(8, burst=10),
    "chat.appendStream": Allowance(78, burst=20),
}
"""A method that is not here is held back by its Retry-After only."""


class TooLongAWait(Exception):
    """The gate opens later than the caller has patience."""


@dataclass(slots=True)
class _Gate:
    allowance: Allowance | None
    at: float
    tokens: float
    opens_at: float = 0.0
    waiting: list[tuple[Urgency, int]] = field(default_factory=list[tuple[Urgency, int]])
    """Tickets, the next one first."""

    def refill(self, now: float) -> None:
        if self.allowance is not None:
            earned = (now - self.at) * self.allowance.per_minute / 60
            self.tokens = min(self.allowance.burst, self.tokens + earned)
        self.at = now

    def seconds_until(self, ahead: int, now: float) -> float:
        """Until somebody with *ahead* callers before them may pass. 0.0: now."""
        closed = max(0.0, self.opens_at - now)
        self.refill(now)
        if self.allowance is None or self.tokens >= ahead + 1:
            return closed
        return max(closed, (ahead + 1 - self.tokens) * 60 / self.allowance.per_minute)

    def is_idle(self, now: float) -> bool:
        self.refill(now)
        is_full = self.allowance is None or self.tokens >= self.allowance.burst
        return is_full and not self.waiting and self.opens_at <= now


class Gates:
    """A 429 closes the gate for all, so that ten callers do not knock on the same door together."""

    def __init__(
        self,
        *,
        allowances: Mapping[str, Allowance] = ALLOWANCES,
        clock: Clock = time.monotonic,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self._allowances = allowances
        self._clock = clock
        self._sleep = sleep
        self._gates: dict[tuple[str, str], _Gate] = {}
        self._tickets = itertools.count()

    def seconds_closed(self, method: str, channel: str) -> float:
        """What is left of the Retry-After; 0.0 where there is none."""
        return max(0.0, self._gate(method, channel).opens_at - self._clock())

    def close(self, method: str, channel: str, seconds: float) -> None:
        """Not before *seconds* from now; a later end that is known already stands."""
        gate, now = self._gate(method, channel), self._clock()
        gate.opens_at = max(gate.opens_at, now + seconds)
        # Slack's own bucket is empty, whatever we thought: those who wait pass one by one afterwards, not together.
        gate.refill(now)
        gate.tokens = min(gate.tokens, 0.0)

    async def enter(self, method: str, channel: str, urgency: Urgency, *, patience: float) -> float:
        """Take a token, in the order of urgency, then of arrival; the seconds that it took.

        Raises TooLongAWait, at once, when it would take more than *patience* seconds in all.
        """
        gate, started = self._gate(method, channel), self._clock()
        ticket = (urgency, next(self._tickets))
        bisect.insort(gate.waiting, ticket)
        try:
            # Looked at again after each sleep: others may have overtaken us, or have been turned away, meanwhile.
            while (seconds := gate.seconds_until(gate.waiting.index(ticket), self._clock())) > 0:
                if self._clock() - started + seconds > patience:
                    raise TooLongAWait(f"{method}: {seconds:.0f} s")
                await self._sleep(max(seconds, _SHORTEST_SLEEP))
            gate.tokens -= gate.allowance is not None
            return self._clock() - started
        finally:
            gate.waiting.remove(ticket)

    def enter_now(self, method: str, channel: str) -> bool:
        """Take a token if nobody waits and enough is left for answers; for what the next one overtakes anyway."""
        gate = self._gate(method, channel)
        spare = gate.allowance.spare if gate.allowance is not None else 0
        if gate.waiting or gate.seconds_until(spare, self._clock()) > 0:
            return False
        gate.tokens -= gate.allowance is not None
        return True

    def _gate(self, method: str, channel: str) -> _Gate:
        allowance = self._allowances.get(method)
        # Slack counts a method's calls in the whole workspace, but posts per channel.
        key = (method, channel if allowance is not None and allowance.is_per_channel else "")
        gate = self._gates.get(key)
        if gate is None:
            now = self._clock()
            if len(self._gates) >= _MOST_GATES:
                self._gates = {key: gate for key, gate in self._gates.items() if not gate.is_idle(now)}
            gate = self._gates[key] = _Gate(allowance, now, allowance.burst if allowance is not None else 0)
        return gate
