"""The durable inbox: an item is put before Slack is told that we have it, and worked after."""

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from bot.inbox.items import Item


class InboxUnavailable(Exception):
    """The inbox's database did not answer: nothing was stored, ask again later."""


@dataclass(frozen=True, slots=True)
class Claim:
    """An item that a worker holds until its lease ends. (owner, attempt) fences every outcome it writes."""

    id: int
    item: Item
    attempt: int
    """1 for the first try; every claim counts, also one after a crash or a shutdown."""
    failures: int = 0
    """How many earlier tries ended in an error. A crash or a shutdown is not an error of the item's."""
    last_error: str = ""
    """What the last of them was."""


class Inbox(Protocol):
    """Every write that ends a claim waits until the database is back: an outcome must not be lost."""

    @property
    def wake(self) -> asyncio.Event:
        """Set when there may be something to claim or to stop. Workers clear it and poll as a net."""
        ...

    async def put(self, item: Item) -> bool:
        """Store *item*, committed when this returns; False when its dedupe key is already known.

        Raises InboxUnavailable in time for Slack's three seconds.
        """
        ...

    async def claim(self, limit: int, *, control: bool = False) -> list[Claim]:
        """Up to *limit* of the oldest items whose conversations have nothing earlier open.

        *control*: of control lanes only.
        """
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
        """Queue again as a failure, not before *after* has passed. Later items of its conversation wait for it."""
        ...

    async def release(self, claim: Claim) -> bool:
        """Give it back unfinished, for somebody else to go on with at once. Not a failure."""
        ...

    async def bury(self, claim: Claim, error: str) -> bool:
        """A dead letter: kept with its error, never claimed again."""
        ...

    async def request_stop(self, conversation: str) -> bool:
        """Flag what runs in *conversation* and wake its owner; False when nothing runs there.

        Raises InboxUnavailable.
        """
        ...

    async def amend(self, item: Item) -> bool:
        """Put *item* in the place of the one with its dedupe key; False where nobody put one, or somebody has begun it.

        Raises InboxUnavailable.
        """
        ...

    async def look_up(self, dedupe_key: str) -> Item | None:
        """What was put under that key, whatever became of it; None once it is forgotten. Raises InboxUnavailable."""
        ...

    async def withdraw(self, dedupe_key: str) -> bool:
        """Done without being begun, and again True when asked again; False where nobody put it, or it is begun.

        Raises InboxUnavailable.
        """
        ...

    async def prune(self, older_than: timedelta) -> int:
        """Forget finished items that old, their dedupe keys with them; how many. Slack redelivers for 24 h."""
        ...
