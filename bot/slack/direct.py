"""Direct messages that the bot begins: for one person's eyes, with a link to where they asked."""

import structlog
from slack_sdk.errors import SlackApiError

from agent.notice import Notice
from agent.turn import Answer
from bot.slack.client import PatientClient, SlackUnavailable, error_code
from bot.slack.desk import Desk
from bot.slack.illustrator import Illustrator
from bot.slack.long_answers import LongAnswers
from bot.slack.messages.notices import render_notices
from bot.slack.messages.private import render_private
from bot.slack.messages.reply import named_fields
from bot.surface import Place

log = structlog.get_logger(__name__)


class SlackDirectMessages:
    def __init__(
        self,
        client: PatientClient,
        desk: Desk,
        illustrator: Illustrator | None = None,
        long_answers: LongAnswers | None = None,
    ) -> None:
        self._client = client
        self._desk = desk
        self._illustrator = illustrator
        self._long_answers = long_answers

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
            link = await self._link(asked_in)
            if posted is None:
                posted = await self._desk.post_there(place, render_private(answer, asked_in.channel, link))
        except SlackApiError as error:
            log.warning("slack.direct_message_refused", user=place.user, error=error_code(error), turn=place.turn_id)
            return None
        if self._long_answers is not None:
            await self._long_answers.attach(place, posted.channel, answer)
        if self._illustrator is not None:
            channel = asked_in.channel
            await self._illustrator.illustrate(
                posted.channel,
                posted.ts,
                answer,
                lambda picture: named_fields(place.turn_id, render_private(answer, channel, link, picture)),
            )
        return posted.ts

    async def tell(self, place: Place, notice: Notice, *, may_exist: bool) -> str | None:
        """`bot.approvals.calls.DirectNotices`."""
        try:
            posted = await self._desk.find(place) if may_exist else None
            if posted is None:
                posted = await self._desk.post_there(place, render_notices([notice], place.language))
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
