"""The durable inbox: an item is put before Slack is told that we have it, and worked after."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from bot.inbox.items import Item


@dataclass(frozen=True, slots=True)
class Claim:
    """An item that a worker holds until its lease ends. (owner, attempt) fences every outcome it writes."""

    id: int
    item: Item
    attempt: int
    """1 for the first try."""


class Inbox(Protocol):
    async def put(self, item: Item) -> bool:
        """Store *item*, committed when this returns; False when its dedupe key is already known."""
        ...

    async def claim(self, limit: int) -> list[Claim]:
        """Up to *limit* of the oldest items whose conversations have nothing earlier open."""
        ...

    async def renew(self) -> frozenset[int]:
        """Extend the lease on everything this owner holds; the ids it still holds."""
        ...

    async def stop_requests(self) -> frozenset[int]:
        """Ids of items this owner runs that somebody asked to stop."""
        ...

    async def complete(self, claim: Claim) -> bool:
        """Done; False when the claim was lost meanwhile (somebody else finishes it)."""
        ...

    async def retry(self, claim: Claim, error: str, after: timedelta) -> bool:
        """Queue again, not before *after* has passed."""
        ...

    async def bury(self, claim: Claim, error: str) -> bool:
        """A dead letter: kept with its error, never claimed again."""
        ...

    async def request_stop(self, conversation: str) -> bool:
        """Flag what runs in *conversation* and wake its owner; False when nothing runs there."""
        ...
