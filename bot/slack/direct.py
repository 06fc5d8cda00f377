"""Direct messages that the bot begins: for one person's eyes, with a link to where they asked."""

import structlog
from slack_sdk.errors import SlackApiError

from agent.turn import Answer
from bot.slack.client import PatientClient, SlackUnavailable, error_code
from bot.slack.desk import Desk
from bot.slack.messages.private import render_private
from bot.surface import Place

log = structlog.get_logger(__name__)


class SlackDirectMessages:
    def __init__(self, client: PatientClient, desk: Desk) -> None:
        self._client = client
        self._desk = desk

    async def open(self, user: str) -> str | None:
        try:
            response = await self._client.conversations_open(users=user)
        except SlackApiError as error:
            # Of another company, deactivated, or a scope that was not given.
            log.warning("slack.direct_message_refused", user=user, error=error_code(error))
            return None
        return str((response["channel"] or {})["id"])

    async def send(self, place: Place, answer: Answer, *, asked_in: Place, may_exist: bool) -> str | None:
        try:
            posted = await self._desk.find(place) if may_exist else None
            if posted is None:
                link = await self._link(asked_in)
                posted = await self._desk.post_there(place, render_private(answer, asked_in.channel, link))
        except SlackApiError as error:
            log.warning("slack.direct_message_refused", user=place.user, error=error_code(error), turn=place.turn_id)
            return None
        return posted.ts

    async def _link(self, place: Place) -> str | None:
        if place.thread_ts is None:
            return None
        try:
            response = await self._client.chat_getPermalink(channel=place.channel, message_ts=place.thread_ts)
        except (SlackApiError, SlackUnavailable) as error:
            log.warning("slack.no_permalink", channel=place.channel, error=repr(error))
            return None
        return str(response["permalink"])
