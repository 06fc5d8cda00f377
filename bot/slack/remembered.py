"""What Slack told us, for a while: bounded in time and in number."""

import time
from collections.abc import Hashable
from typing import Generic, TypeVar

from bot.slack.gates import Clock

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


class Remembered(Generic[Key, Value]):
    def __init__(self, *, most: int, clock: Clock = time.monotonic) -> None:
        self._most = most
        self._clock = clock
        self._entries: dict[Key, tuple[float, Value]] = {}

    def fresh(self, key: Key) -> Value | None:
        """What was put there, until its time is over."""
        entry = self._entries.get(key)
        return entry[1] if entry is not None and self._clock() < entry[0] else None

    def last(self, key: Key) -> Value | None:
        """What was put there last, its time over or not."""
        entry = self._entries.get(key)
        return entry[1] if entry is not None else None

    def put(self, key: Key, value: Value, *, seconds: float) -> None:
        if key not in self._entries and len(self._entries) >= self._most:
            self._entries.clear()  # all of it can be asked for again
        self._entries[key] = (self._clock() + seconds, value)

    def forget(self, key: Key) -> None:
        self._entries.pop(key, None)
