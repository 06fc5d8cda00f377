"""Slack's rate limits, per method or per method and channel; what is beyond them gets 429 and Retry-After."""

import math
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from bot.local.slack.shapes import SlackError


@dataclass(frozen=True, slots=True)
class Limit:
    per_second: float
    burst: int
    per_channel: bool = False


@dataclass(frozen=True, slots=True)
class PerMinute:
    """At most so many calls in any sixty seconds: no burst is tolerated beyond it, as strict as Slack can be."""

    most: int


DEFAULT_LIMITS: Final[Mapping[str, Limit | PerMinute]] = {
    # "1 per second per channel, short bursts tolerated": Slack names no size for the burst.
    "chat.postMessage": Limit(1.0, burst=10, per_channel=True),
    # Tier 3: 50+ a minute.
    "chat.update": Limit(50 / 60, burst=50),
    "conversations.replies": Limit(50 / 60, burst=50),
    # Tiers 2, 2 and 4, shared by all streams of the workspace.
    "chat.startStream": PerMinute(20),
    "chat.stopStream": PerMinute(20),
    "chat.appendStream": PerMinute(100),
}
MINUTE: Final = 60.0


@dataclass(slots=True)
class _Bucket:
    tokens: float
    at: float


@dataclass(slots=True)
class _Window:
    calls: deque[float] = field(default_factory=deque[float])
    """When the calls of the last minute were made."""


class Limits:
    def __init__(self, limits: Mapping[str, Limit | PerMinute], clock: Callable[[], float] = time.monotonic) -> None:
        self.limits: dict[str, Limit | PerMinute] = dict(limits)
        self._clock = clock
        self._buckets: dict[tuple[str, str], _Bucket] = {}
        self._windows: dict[str, _Window] = {}

    def _key(self, method: str, channel: str) -> tuple[str, str]:
        limit = self.limits.get(method)
        return method, channel if isinstance(limit, Limit) and limit.per_channel else ""

    def take(self, method: str, channel: str) -> None:
        """Let one call of *method* through, or raise `ratelimited` with the whole seconds to wait."""
        match self.limits.get(method):
            case Limit() as limit:
                wait = self._take_token(method, channel, limit)
            case PerMinute(most):
                wait = self._take_place(method, most)
            case None:
                return
        if wait > 0:
            raise SlackError("ratelimited", status=429, retry_after=max(1, math.ceil(wait)))

    def _take_token(self, method: str, channel: str, limit: Limit) -> float:
        now = self._clock()
        bucket = self._buckets.setdefault(self._key(method, channel), _Bucket(tokens=limit.burst, at=now))
        bucket.tokens = min(limit.burst, bucket.tokens + (now - bucket.at) * limit.per_second)
        bucket.at = now
        if bucket.tokens < 1:
            return (1 - bucket.tokens) / limit.per_second
        bucket.tokens -= 1
        return 0.0

    def _take_place(self, method: str, most: int) -> float:
        now = self._clock()
        calls = self._windows.setdefault(method, _Window()).calls
        while calls and calls[0] <= now - MINUTE:
            calls.popleft()
        if len(calls) >= most:
            return calls[0] + MINUTE - now
        calls.append(now)
        return 0.0
