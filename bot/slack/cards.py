"""Shows an approval card anew where it stands."""

import structlog
from slack_sdk.errors import SlackApiError

from agent.turn import Answer
from bot.slack.client import PatientClient, error_code
from bot.slack.desk import GONE, REJECTED
from bot.slack.messages.answer import render_answer

log = structlog.get_logger(__name__)


class SlackCards:
    def __init__(self, client: PatientClient) -> None:
        self._client = client

    async def show(self, channel: str, ts: str, answer: Answer) -> None:
        """Raises SlackUnavailable, for it must be tried again: a card that goes on asking misleads people."""
        message = render_answer(answer)
        try:
            await self._client.chat_update(channel=channel, ts=ts, text=message.text, blocks=list(message.blocks))
        except SlackApiError as error:
            code = error_code(error)
            if code not in GONE | REJECTED:
                raise
            log.warning("slack.card_not_shown", channel=channel, turn=answer.turn_id, error=code)
