"""Which failures are worth another try, and when."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

DROPPED: Final = "dropped by "
"""How the error of an item begins that an operator took out of the queue."""


class GaveUp(Exception):
    """The item was tried as often as it may be."""


class Dropped(GaveUp):
    """An operator took it out of the queue."""


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """An error says of itself whether it `is_transient`; one that says nothing gets the benefit of the doubt."""

    delays: tuple[float, ...] = (1.0, 5.0, 20.0, 60.0)
    """Seconds before the second, third, ... try. Later items of the conversation wait as long, so they stay short."""
    unknown_tries: int = 3
    """An exception that nobody foresaw is a bug or an outage: twice more tells which."""
    jitter: Callable[[], float] = random.random
    """0 to 1: adds up to a fifth, so that many turns that failed together do not return together."""

    @property
    def max_failures(self) -> int:
        return len(self.delays) + 1

    def delay_after(self, error: Exception, failures: int) -> timedelta | None:
        """How long to wait after failure number *failures* (1 for the first); None to give up."""
        if failures >= self._tries(error):
            return None
        return self.delay(failures)

    def delay(self, failures: int) -> timedelta:
        """The wait after failure number *failures*; past the schedule's end, its last step."""
        seconds = self.delays[min(failures, len(self.delays)) - 1]
        return timedelta(seconds=seconds * (1 + self.jitter() / 5))

    def _tries(self, error: Exception) -> int:
        is_transient: bool | None = getattr(error, "is_transient", None)
        if is_transient or (is_transient is None and isinstance(error, ConnectionError | TimeoutError)):
            return self.max_failures
        return 1 if is_transient is False else min(self.unknown_tries, self.max_failures)
