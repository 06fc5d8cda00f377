"""`OutageBook` in memory; `is_away` makes every call raise, as a database that is away."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from bot.outages.book import Open


class FakeOutageBook:
    def __init__(self) -> None:
        self.open: dict[str, tuple[datetime, datetime]] = {}
        """Since when, and when it was seen last."""
        self.is_away = False

    async def keep_open(self, what: str) -> bool:
        self._answer()
        now = datetime.now(UTC)
        since, _ = self.open.get(what, (now, now))
        is_new = what not in self.open
        self.open[what] = (since, now)
        return is_new

    async def close(self, what: str) -> Open | None:
        self._answer()
        found = self.open.pop(what, None)
        return None if found is None else Open(what, found[0])

    async def close_unseen(self, unseen_for: timedelta) -> Sequence[Open]:
        self._answer()
        limit = datetime.now(UTC) - unseen_for
        unseen = [Open(what, since) for what, (since, seen_at) in self.open.items() if seen_at <= limit]
        for what, _ in unseen:
            del self.open[what]
        return unseen

    def _answer(self) -> None:
        if self.is_away:
            raise ConnectionError("the database is away")
