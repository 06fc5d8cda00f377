"""Sentences for one person's eyes: ephemeral messages, best effort by nature."""

from typing import Any

import structlog
from slack_sdk.errors import SlackApiError

from agent.notice import Notice
from agent.turn import Language
from bot.slack.client import PatientClient, SlackUnavailable
from bot.slack.messages.notices import render_notices

log = structlog.get_logger(__name__)


class SlackWhispers:
    def __init__(self, client: PatientClient) -> None:
        self._client = client

    async def whisper(
        self, channel: str, user: str, notice: Notice, language: Language, *, thread_ts: str | None = None
    ) -> None:
        """Tell *user* alone. Nothing rests on it, so a failure is logged and that is all."""
        message = render_notices([notice], language)
        extra: dict[str, Any] = {"thread_ts": thread_ts} if thread_ts else {}
        try:
            await self._client.chat_postEphemeral(
                channel=channel, user=user, text=message.text, blocks=list(message.blocks), **extra
            )
        except (SlackApiError, SlackUnavailable) as error:
            log.warning("slack.whisper_lost", channel=channel, user=user, code=notice.code, error=repr(error))
