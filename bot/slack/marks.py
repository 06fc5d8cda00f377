"""Marks on messages: ours while we work, and the one by which people throw an answer away."""

import asyncio
from collections.abc import Awaitable
from typing import Final

import structlog
from slack_sdk.errors import SlackApiError

from bot.inbox.items import DiscardRequested, control_lane
from bot.slack.client import PatientClient, SlackUnavailable, error_code
from bot.slack.fields import Body, id_of, object_of, time_of
from bot.slack.identity import Identity

log = structlog.get_logger(__name__)

WORKING: Final = "eyes"
DISCARD: Final = "wastebasket"
DONE_ALREADY: Final = frozenset({"already_reacted", "no_reaction", "message_not_found"})
LONGEST_SECONDS: Final = 5.0
"""Behind a closed gate a mark would come long after what it marks."""


class SlackMarks:
    """`bot.working_mark.Marks`."""

    def __init__(self, client: PatientClient) -> None:
        self._client = client

    async def add(self, channel: str, ts: str) -> None:
        await _try(self._client.reactions_add(channel=channel, timestamp=ts, name=WORKING), channel)

    async def remove(self, channel: str, ts: str) -> None:
        await _try(self._client.reactions_remove(channel=channel, timestamp=ts, name=WORKING), channel)


async def _try(call: Awaitable[object], channel: str) -> None:
    try:
        async with asyncio.timeout(LONGEST_SECONDS):
            await call
    except SlackApiError as error:
        if (code := error_code(error)) not in DONE_ALREADY:
            log.info("slack.mark_refused", channel=channel, error=code)
    except (SlackUnavailable, TimeoutError) as error:
        log.info("slack.mark_lost", channel=channel, error=repr(error))


def discard_from_reaction(body: Body, me: Identity) -> DiscardRequested | None:
    """🗑 on a message of ours. None: another emoji, or another's message. Pure."""
    event = object_of(body, "event")
    item = object_of(event, "item")
    is_ours = event.get("item_user") == me.bot_user and item.get("type") == "message"
    if id_of(event, "reaction") != DISCARD or not is_ours or event.get("user") == me.bot_user:
        return None
    key = f"event:{id_of(body, 'event_id')}"
    return DiscardRequested(
        dedupe_key=key,
        conversation=control_lane(key),
        spoken_at=time_of(id_of(event, "event_ts")),
        channel=id_of(item, "channel"),
        ts=id_of(item, "ts"),
        user=id_of(event, "user"),
    )
