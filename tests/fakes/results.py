"""`Results` in memory; remembers what was kept, in order."""

from collections.abc import Callable
from datetime import UTC, datetime

from agent.results import StoredResult


class FakeResults:
    def __init__(self, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._now = now
        self._ids: dict[tuple[str, str], str] = {}
        self._rows: dict[str, StoredResult] = {}

    @property
    def kept(self) -> list[StoredResult]:
        return list(self._rows.values())

    async def keep(self, result: StoredResult) -> str:
        result_id = self._ids.setdefault((result.turn_id, result.fingerprint), f"result-{len(self._ids) + 1}")
        self._rows[result_id] = result
        return result_id

    async def load(self, result_id: str) -> StoredResult | None:
        result = self._rows.get(result_id)
        return None if result is None or result.expires_at <= self._now() else result
