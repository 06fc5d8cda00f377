"""Slack's rate limits: one bucket per method, or per method and channel; an empty one answers 429 and Retry-After."""

import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from bot.local.slack.shapes import SlackError


@dataclass(frozen=True, slots=True)
class Limit:
    per_second: float
    burst: int
    per_channel: bool = False


DEFAULT_LIMITS: Final[Mapping[str, Limit]] = {
    # "1 per second per channel, short bursts tolerated": Slack names no size for the burst.
    "chat.postMessage": Limit(1.0, burst=10, per_channel=True),
    # Tier 3: 50+ a minute.
    "chat.update": Limit(50 / 60, burst=50),
    "conversations.replies": Limit(50 / 60, burst=50),
}


@dataclass(slots=True)
class _Bucket:
    tokens: float
    at: float


class Limits:
    def __init__(self, limits: Mapping[str, Limit], clock: Callable[[], float] = time.monotonic) -> None:
        self.limits: dict[str, Limit] = dict(limits)
        self._clock = clock
        self._buckets: dict[tuple[str, str], _Bucket] = {}

    def take(self, method: str, channel: str) -> None:
        """Let one call of *method* through, or raise `ratelimited` with the whole seconds to wait."""
        limit = self.limits.get(method)
        if limit is None:
            return
        now = self._clock()
        key = (method, channel if limit.per_channel else "")
        bucket = self._buckets.setdefault(key, _Bucket(tokens=limit.burst, at=now))
        bucket.tokens = min(limit.burst, bucket.tokens + (now - bucket.at) * limit.per_second)
        bucket.at = now
        if bucket.tokens < 1:
            wait = math.ceil((1 - bucket.tokens) / limit.per_second)
            raise SlackError("ratelimited", status=429, retry_after=max(1, wait))
        bucket.tokens -= 1
