"""What people said in a thread while they were not talking to us: context for a question asked in the middle of it."""

from collections.abc import Iterable, Mapping
from typing import Any, Final, cast

import structlog
from slack_sdk.errors import SlackApiError

from agent.history import cut
from agent.turn import Said
from bot.slack.client import PatientClient, SlackUnavailable
from bot.slack.markup import plain

log = structlog.get_logger(__name__)

MOST_MESSAGES: Final = 20
LONGEST_MESSAGE: Final = 1000


class SlackThreads:
    def __init__(self, client: PatientClient, *, bot_user: str) -> None:
        self._client = client
        self._bot_user = bot_user

    async def earlier(self, channel: str, thread_ts: str, before: str) -> tuple[Said, ...]:
        """Oldest first, at most 20. What stands above our own last reply is in the conversation's memory already."""
        if float(before) <= float(thread_ts):
            return ()  # the question starts the thread
        try:
            page = await self._client.conversations_replies(
                channel=channel, ts=thread_ts, latest=before, inclusive=False, limit=200
            )
        except (SlackApiError, SlackUnavailable) as error:
            log.warning("slack.thread_unread", channel=channel, error=repr(error))
            return ()
        return self._since_our_reply(cast("list[dict[str, Any]]", page.get("messages") or []), float(before))

    def _since_our_reply(self, messages: Iterable[Mapping[str, Any]], before: float) -> tuple[Said, ...]:
        heard: list[Said] = []
        for message in messages:
            if float(str(message.get("ts", "0"))) >= before:
                break
            if message.get("user") == self._bot_user:
                heard.clear()
            elif text := plain(str(message.get("text") or "")):
                heard.append(Said(str(message.get("user") or ""), cut(text, LONGEST_MESSAGE)))
        return tuple(heard[-MOST_MESSAGES:])
