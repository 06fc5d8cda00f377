"""The sign of a question's place in line, where somebody has stopped it before it was begun."""

from slack_sdk.errors import SlackApiError

from agent.notice import Notice
from agent.turn import Language
from bot.slack.client import PatientClient, error_code
from bot.slack.desk import GONE
from bot.slack.messages.notices import render_notices
from bot.slack.messages.reply import named_fields


class SlackQueueSign:
    """`bot.stop.QueueSign`."""

    def __init__(self, client: PatientClient) -> None:
        self._client = client

    async def show_stopped(self, channel: str, ts: str, turn_id: str, language: Language) -> None:
        """Raises SlackUnavailable, or SlackApiError where Slack does not let us."""
        stopped = named_fields(turn_id, render_notices([Notice("turn.stopped")], language))
        try:
            await self._client.chat_update(channel=channel, ts=ts, **stopped)
        except SlackApiError as error:
            if error_code(error) not in GONE:
                raise
