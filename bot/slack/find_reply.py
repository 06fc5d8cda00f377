"""A turn's reply, found in Slack by the metadata it was posted with: for who comes after a crash."""

from collections.abc import AsyncGenerator, Iterable, Iterator, Mapping
from typing import Any, Final, cast

import structlog
from slack_sdk.errors import SlackApiError

from bot.slack.client import PatientClient, error_code
from bot.slack.messages.reply import EVENT_TYPE
from bot.surface import Place

log = structlog.get_logger(__name__)

PAGES: Final = 10
SKEW_SECONDS: Final = 60.0
"""Between Slack's clock and ours: a click is timed by ours."""


async def find_reply(client: PatientClient, bot_user: str, place: Place) -> str | None:
    """Its ts; None also where Slack does not let us look. Raises SlackUnavailable."""
    async for ts in _search(client, bot_user, place):
        return ts
    return None


async def find_replies(client: PatientClient, bot_user: str, place: Place) -> list[str]:
    """The ts of every message that is the turn's; none where Slack does not let us look. Raises SlackUnavailable."""
    return [ts async for ts in _search(client, bot_user, place)]


async def _search(client: PatientClient, bot_user: str, place: Place) -> AsyncGenerator[str]:
    cursor: str | None = None
    for _ in range(PAGES):
        arguments: dict[str, Any] = {
            "channel": place.channel,
            "oldest": f"{max(0.0, place.asked_at - SKEW_SECONDS):.6f}",
            "include_all_metadata": True,
            "limit": 200,
            **({"cursor": cursor} if cursor else {}),
        }
        try:
            if place.thread_ts is None:
                page = await client.conversations_history(**arguments)
            else:
                page = await client.conversations_replies(ts=place.thread_ts, **arguments)
        except SlackApiError as error:
            # No scope to read, an archived channel: then the worst is a second message, the best an answer.
            log.warning("slack.search_refused", channel=place.channel, error=error_code(error), turn=place.turn_id)
            return
        for ts in _ours(cast("list[dict[str, Any]]", page.get("messages") or []), bot_user, place.turn_id):
            yield ts
        cursor = (page.get("response_metadata") or {}).get("next_cursor")
        if not cursor:
            return


def _ours(messages: Iterable[Mapping[str, Any]], bot_user: str, turn_id: str) -> Iterator[str]:
    for message in messages:
        metadata = message.get("metadata") or {}
        payload = metadata.get("event_payload") or {}
        is_named = metadata.get("event_type") == EVENT_TYPE and payload.get("turn_id") == turn_id
        if is_named and message.get("user") == bot_user:
            yield str(message["ts"])
