"""The default channel for notices (SLACK_CHANNEL)."""

import structlog
from slack_sdk.errors import SlackApiError

from agent.notice import Notice
from agent.turn import Language
from bot.slack.client import PatientClient, SlackUnavailable, error_code
from bot.slack.messages.notices import render_notices

log = structlog.get_logger(__name__)


class SlackNoticeboard:
    """`bot.noticeboard.Noticeboard`."""

    def __init__(self, client: PatientClient, channel: str | None, language: Language = "en") -> None:
        """Without a *channel* nothing is posted."""
        self._client = client
        self._channel = channel
        self._language: Language = language

    async def post(self, notice: Notice) -> None:
        if self._channel is None:
            return
        message = render_notices([notice], self._language)
        try:
            await self._client.chat_postMessage(channel=self._channel, text=message.text, blocks=list(message.blocks))
        except SlackApiError as error:
            log.error("slack.notice_refused", code=notice.code, channel=self._channel, error=error_code(error))
        except SlackUnavailable as error:
            log.error("slack.notice_lost", code=notice.code, error=repr(error))
