"""An inbox in memory that keeps the Protocol's promises, and remembers what became of its items."""

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Literal

from bot.inbox.inbox import Claim
from bot.inbox.items import Item


@dataclass
class Entry:
    id: int
    item: Item
    status: Literal["queued", "running", "done", "buried"] = "queued"
    attempts: int = 0
    failures: int = 0
    error: str = ""
    run_after: datetime = field(default_factory=lambda: datetime.now(UTC))
    finished_at: datetime | None = None
    stop_requested: bool = False
    lost: bool = False

    @property
    def order(self) -> tuple[object, int]:
        return (self.item.spoken_at, self.id)


class MemoryInbox:
    """One owner. `lose(key)` takes an item away from it, as another owner would."""

    def __init__(self) -> None:
        self.entries: dict[str, Entry] = {}
        self.wake = asyncio.Event()

    def __getitem__(self, key: str) -> Entry:
        return self.entries[key]

    def lose(self, key: str) -> None:
        self.entries[key].lost = True

    async def put(self, item: Item) -> bool:
        if item.dedupe_key in self.entries:
            return False
        self.entries[item.dedupe_key] = Entry(len(self.entries) + 1, item)
        self.wake.set()
        return True

    async def claim(self, limit: int, *, control: bool = False) -> list[Claim]:
        claims: list[Claim] = []
        for entry in sorted(self.entries.values(), key=lambda entry: entry.order):
            is_wanted = not control or entry.item.conversation.startswith("control:")
            if len(claims) < limit and is_wanted and self._may_run(entry):
                entry.status = "running"
                entry.attempts += 1
                claims.append(Claim(entry.id, entry.item, entry.attempts, entry.failures, entry.error))
        return claims

    def _may_run(self, entry: Entry) -> bool:
        lane = [other for other in self.entries.values() if other.item.conversation == entry.item.conversation]
        return (
            entry.status == "queued"
            and entry.run_after <= datetime.now(UTC)
            and not any(other.status == "running" for other in lane)
            and not any(other.status == "queued" and other.order < entry.order for other in lane)
        )

    async def renew(self) -> frozenset[int]:
        return frozenset(entry.id for entry in self._running())

    async def stop_requests(self) -> frozenset[int]:
        return frozenset(entry.id for entry in self._running() if entry.stop_requested)

    def _running(self) -> list[Entry]:
        return [entry for entry in self.entries.values() if entry.status == "running" and not entry.lost]

    async def complete(self, claim: Claim) -> bool:
        return self._end(claim, "done")

    async def retry(self, claim: Claim, error: str, after: timedelta) -> bool:
        entry = self.entries[claim.item.dedupe_key]
        if not self._end(claim, "queued"):
            return False
        entry.failures += 1
        entry.error = error
        entry.run_after = datetime.now(UTC) + after
        return True

    async def release(self, claim: Claim) -> bool:
        is_released = self._end(claim, "queued")
        self.wake.set()
        return is_released

    async def bury(self, claim: Claim, error: str) -> bool:
        self.entries[claim.item.dedupe_key].error = error
        return self._end(claim, "buried")

    def _end(self, claim: Claim, status: Literal["queued", "done", "buried"]) -> bool:
        entry = self.entries[claim.item.dedupe_key]
        if entry.status != "running" or entry.attempts != claim.attempt or entry.lost:
            return False
        entry.status = status
        entry.finished_at = datetime.now(UTC)
        return True

    async def request_stop(self, conversation: str) -> bool:
        begun = [
            entry
            for entry in self.entries.values()
            if entry.item.conversation == conversation
            and (entry.status == "running" or (entry.status == "queued" and entry.attempts > 0))
        ]
        for entry in begun:
            entry.stop_requested = True
            entry.run_after = datetime.now(UTC)
        self.wake.set()
        return bool(begun)

    def _unbegun(self, dedupe_key: str) -> Entry | None:
        entry = self.entries.get(dedupe_key)
        return entry if entry is not None and entry.status == "queued" and entry.attempts == 0 else None

    async def amend(self, item: Item) -> bool:
        entry = self._unbegun(item.dedupe_key)
        if entry is not None:
            entry.item = item
        return entry is not None

    async def look_up(self, dedupe_key: str) -> Item | None:
        entry = self.entries.get(dedupe_key)
        return entry.item if entry is not None else None

    async def withdraw(self, dedupe_key: str) -> bool:
        entry = self.entries.get(dedupe_key)
        if entry is None or entry.attempts > 0:
            return False
        entry.status = "done"
        entry.finished_at = datetime.now(UTC)
        self.wake.set()
        return True

    async def prune(self, older_than: timedelta) -> int:
        horizon = datetime.now(UTC) - older_than
        old = [
            key
            for key, entry in self.entries.items()
            if entry.status == "done" and entry.finished_at is not None and entry.finished_at <= horizon
        ]
        for key in old:
            del self.entries[key]
        return len(old)
