"""Which outages were told already, over restarts and over all daemons on one database."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple, Protocol


class Open(NamedTuple):
    what: str
    since: datetime


class OutageBook(Protocol):
    """May raise whatever the database raises."""

    async def keep_open(self, what: str) -> bool:
        """Somebody sees it now; True for who sees it first, and so tells of it."""
        ...

    async def close(self, what: str) -> Open | None:
        """It is over; None where nobody had it open, or another one has closed and told it."""
        ...

    async def close_unseen(self, unseen_for: timedelta) -> Sequence[Open]:
        """Close what nobody has seen for so long: whoever saw it is gone."""
        ...
