"""What can be not well, and from when on it counts: neither a hiccup nor a moment's peace is worth a notice."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Literal, NamedTuple


class What(StrEnum):
    DATABASE = "database"
    SLACK = "slack"
    MODEL = "model"
    BIGQUERY = "bigquery"
    QUEUE = "queue"
    ENGINE = "engine"


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds."""

    bad: float
    """Of trouble before it counts as such."""
    good: float
    """Of peace before it is over."""


PATIENCE: Final = {
    What.DATABASE: Patience(bad=15, good=15),
    What.SLACK: Patience(bad=30, good=15),  # a refresh or a short cut is everyday
    # Failures in a row, each with its own retries behind it: there is nothing more to wait for.
    What.MODEL: Patience(bad=0, good=0),
    What.BIGQUERY: Patience(bad=0, good=0),
    What.QUEUE: Patience(bad=30, good=60),
    What.ENGINE: Patience(bad=0, good=0),  # until the daemon starts anew
}
FAILURES_IN_A_ROW: Final = 3
LONGEST_WAIT: Final = 60.0
"""Seconds that the oldest item waits for a worker before there are too few of them."""

SHARED: Final = frozenset({What.MODEL, What.BIGQUERY, What.QUEUE})
"""What all daemons on one database suffer together: one of them tells. A daemon's own link, and the database, where
nobody could write down that it was told, each daemon tells for itself."""


class Change(NamedTuple):
    kind: Literal["degraded", "recovered"]
    seconds_ago: float
    """When it began: what lasts is only known afterwards."""


class Condition:
    """One of them, over time."""

    def __init__(self, patience: Patience) -> None:
        self.is_degraded = False
        self._patience = patience
        self._turned_at: float | None = None
        """Since when it looks the other way than it counts."""

    def look(self, *, is_bad: bool, at: float) -> Change | None:
        """What changes by a look that was taken *at*, in seconds of a monotonic clock."""
        if is_bad is self.is_degraded:
            self._turned_at = None
            return None
        if self._turned_at is None:
            self._turned_at = at
        lasted = at - self._turned_at
        if lasted < (self._patience.bad if is_bad else self._patience.good):
            return None
        self.is_degraded, self._turned_at = is_bad, None
        return Change("degraded" if is_bad else "recovered", lasted)
