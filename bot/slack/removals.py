"""Deletes our own messages."""

from typing import Final

from slack_sdk.errors import SlackApiError

from bot.slack.client import PatientClient, error_code

GONE: Final = frozenset({"message_not_found", "channel_not_found", "thread_not_found"})


class SlackRemovals:
    """`bot.second_thoughts.removals.Removals`."""

    def __init__(self, client: PatientClient) -> None:
        self._client = client

    async def remove(self, channel: str, ts: str) -> None:
        """Raises SlackUnavailable, or SlackApiError where Slack does not let us."""
        try:
            await self._client.chat_delete(channel=channel, ts=ts)
        except SlackApiError as error:
            if error_code(error) not in GONE:
                raise
