"""Pressed feedback buttons, and the modal that asks why. Slack brings either once only."""

import asyncio
from collections.abc import Callable
from decimal import Decimal
from typing import Any, Final

import structlog
from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_sdk.errors import SlackApiError

from agent.notice import Notice
from bot.i18n.catalogue import say
from bot.slack.action_ids import ActionId, language_of_block
from bot.slack.clicks import Click, click_of
from bot.slack.client import PatientClient, SlackUnavailable
from bot.slack.feedback import feedback_from_click, feedback_from_submission
from bot.slack.listeners.intake import Intake, NotStored
from bot.slack.modals.feedback import CALLBACK_ID, FeedbackSpot, feedback_in, feedback_view
from bot.slack.whispers import SlackWhispers

log = structlog.get_logger(__name__)

TRIGGER_SECONDS: Final = 2.5
"""A trigger lives three seconds, and so does Slack's patience for the ack."""

Now = Callable[[], Decimal]


class FeedbackListeners:
    def __init__(self, *, client: PatientClient, intake: Intake, whispers: SlackWhispers, now: Now) -> None:
        self._client = client
        self._intake = intake
        self._whispers = whispers
        self._now = now

    def register(self, app: AsyncApp) -> None:
        app.action(ActionId.FEEDBACK.value)(self.on_pressed)
        app.view(CALLBACK_ID)(self.on_submitted)

    async def on_pressed(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        """What was bad is asked about at once; the verdict is kept whether or not anybody says why."""
        click = click_of(body)
        item = feedback_from_click(click, self._now())
        if item.verdict == "bad":
            await self._ask_why(click, FeedbackSpot(item.turn_id, item.channel, item.thread_ts))
        try:
            await self._intake.take(item)
        except NotStored as error:
            log.error("slack.click_lost", item=item.dedupe_key, error=str(error))
            busy = Notice("turn.busy")
            await self._whispers.whisper(item.channel, item.user, busy, item.language, thread_ts=item.thread_ts)
        await ack()

    async def on_submitted(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        item = feedback_from_submission(body, self._now())
        try:
            await self._intake.take(item)
        except NotStored as error:
            log.error("slack.submission_lost", item=item.dedupe_key, error=str(error))
            _, _, _, block = feedback_in(body["view"])
            await ack(response_action="errors", errors={block: say(item.language, "turn.busy")})
        else:
            await ack()

    async def _ask_why(self, click: Click, spot: FeedbackSpot) -> None:
        view = feedback_view(spot, language_of_block(click.block))
        try:
            async with asyncio.timeout(TRIGGER_SECONDS):
                await self._client.views_open(trigger_id=click.trigger, view=view)
        except (SlackApiError, SlackUnavailable, TimeoutError) as error:
            log.warning("slack.view_not_opened", channel=click.channel, user=click.user, error=repr(error))
