"""The one source of chance of the demo shop: the same seed gives the same shop, on every machine."""

import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final, TypeAlias

SEED: Final = 20260101

OPENED: Final = datetime(2024, 1, 1, tzinfo=UTC)
CLOSES: Final = datetime(2026, 1, 1, tzinfo=UTC)
"""The shop's history ends here."""

Weighted: TypeAlias = tuple[str, float]
"""A value and its share."""


class Dice(random.Random):
    def pick(self, choices: Sequence[Weighted]) -> str:
        """One of *choices*, by its share."""
        left = self.random()
        for value, share in choices:
            left -= share
            if left <= 0:
                return value
        return choices[-1][0]

    def moment(self, start: datetime, end: datetime) -> datetime:
        """A whole second from *start* up to *end*."""
        return start + timedelta(seconds=self.randrange(int((end - start).total_seconds())))


def iso(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S+00:00")


def iso_or_none(moment: datetime | None) -> str | None:
    return None if moment is None else iso(moment)
