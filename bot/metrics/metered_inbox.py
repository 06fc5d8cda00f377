"""The inbox, counted: how every try at an item ended."""

import asyncio
from datetime import timedelta
from typing import Final, get_args

from bot.inbox.inbox import Claim, Inbox
from bot.inbox.items import Item, TurnRequested
from bot.inbox.retry import DROPPED
from bot.metrics.instruments import Instruments
from bot.metrics.turn_book import TurnBook

_UNION: Final = get_args(get_args(Item)[0])
KINDS: Final[tuple[str, ...]] = tuple(item.model_fields["kind"].default for item in _UNION)
"""Of everything that can lie in the inbox."""


class MeteredInbox:
    """`Inbox`."""

    def __init__(self, inbox: Inbox, instruments: Instruments, turns: TurnBook) -> None:
        self._inbox = inbox
        self._items = instruments.items
        self._turns = turns

    @property
    def wake(self) -> asyncio.Event:
        return self._inbox.wake

    async def put(self, item: Item) -> bool:
        return await self._inbox.put(item)

    async def claim(self, limit: int, *, control: bool = False) -> list[Claim]:
        return await self._inbox.claim(limit, control=control)

    async def renew(self) -> frozenset[int]:
        return await self._inbox.renew()

    async def stop_requests(self) -> frozenset[int]:
        return await self._inbox.stop_requests()

    async def complete(self, claim: Claim) -> bool:
        return self._count(claim, "completed", is_ours=await self._inbox.complete(claim))

    async def retry(self, claim: Claim, error: str, after: timedelta) -> bool:
        return self._count(claim, "retried", is_ours=await self._inbox.retry(claim, error, after))

    async def release(self, claim: Claim) -> bool:
        return self._count(claim, "released", is_ours=await self._inbox.release(claim))

    async def bury(self, claim: Claim, error: str) -> bool:
        is_dropped = error.startswith(DROPPED)  # by an operator, who knows of it: no alert is due
        outcome = "dropped" if is_dropped else "buried"
        is_ours = self._count(claim, outcome, is_ours=await self._inbox.bury(claim, error))
        if is_ours and isinstance(claim.item, TurnRequested):
            self._turns.gave_up("stopped" if is_dropped else "failed")
        return is_ours

    async def request_stop(self, conversation: str) -> bool:
        return await self._inbox.request_stop(conversation)

    async def amend(self, item: Item) -> bool:
        return await self._inbox.amend(item)

    async def look_up(self, dedupe_key: str) -> Item | None:
        return await self._inbox.look_up(dedupe_key)

    async def withdraw(self, dedupe_key: str) -> bool:
        return await self._inbox.withdraw(dedupe_key)

    async def prune(self, older_than: timedelta) -> int:
        return await self._inbox.prune(older_than)

    def _count(self, claim: Claim, outcome: str, *, is_ours: bool) -> bool:
        self._items.labels(claim.item.kind, outcome if is_ours else "lost").inc()
        return is_ours
