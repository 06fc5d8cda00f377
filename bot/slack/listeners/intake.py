"""From a listener into the inbox: the item is durable when `take` returns, and only then is the envelope acked."""

import asyncio
from typing import Final

import structlog

from bot.inbox.inbox import Inbox
from bot.inbox.items import Item

log = structlog.get_logger(__name__)

PUT_SECONDS: Final = 10.0
"""Slack stops waiting for an ack after three; this only keeps a hanging database from holding every slot for ever."""


class NotStored(Exception):
    """The inbox did not take the item: the envelope is not acked, so that Slack brings an event again."""


class Intake:
    def __init__(self, inbox: Inbox) -> None:
        self._inbox = inbox

    async def take(self, item: Item) -> None:
        try:
            async with asyncio.timeout(PUT_SECONDS):
                is_new = await self._inbox.put(item)
        except Exception as error:  # the boundary: whatever kept it out, it is not in
            raise NotStored(repr(error)) from error
        log.info("slack.item_stored", kind=item.kind, item=item.dedupe_key, is_new=is_new)
