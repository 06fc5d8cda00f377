"""The app's own tabs: the Home tab opened, pressed in, its settings submitted; the agent pane opened."""

import asyncio
from collections.abc import Callable
from decimal import Decimal
from typing import Any, Final

import structlog
from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_sdk.errors import SlackApiError

from agent.notice import Notice
from agent.turn import Language
from bot.i18n.catalogue import say
from bot.slack.action_ids import ActionId
from bot.slack.client import PatientClient, SlackUnavailable
from bot.slack.home import SlackSettingsViews
from bot.slack.home_events import (
    HomePress,
    decision_from_home,
    home_opened,
    home_press,
    pane_opened,
    settings_from_submission,
    settings_opened,
)
from bot.slack.listeners.intake import Intake, NotStored
from bot.slack.modals.settings import CALLBACK_ID, first_block, loading_settings
from bot.slack.whispers import SlackWhispers

log = structlog.get_logger(__name__)

TRIGGER_SECONDS: Final = 2.5
"""A trigger lives three seconds, and so does Slack's patience for the ack."""

Now = Callable[[], Decimal]


class HomeListeners:
    def __init__(self, *, client: PatientClient, intake: Intake, whispers: SlackWhispers, now: Now) -> None:
        self._client = client
        self._intake = intake
        self._whispers = whispers
        self._views = SlackSettingsViews(client)
        self._now = now

    def register(self, app: AsyncApp) -> None:
        app.event("app_home_opened")(self.on_opened)
        app.action(ActionId.HOME_APPROVE.value)(self.on_decision)
        app.action(ActionId.HOME_CANCEL.value)(self.on_decision)
        app.action(ActionId.SETTINGS.value)(self.on_settings)
        app.view(CALLBACK_ID)(self.on_submitted)

    async def on_opened(self, body: dict[str, Any]) -> None:
        match body["event"].get("tab"):
            case "home":
                await self._intake.take(home_opened(body))
            case "messages":
                await self._intake.take(pane_opened(body))
            case _:
                return  # "about"

    async def on_decision(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        press = home_press(body)
        try:
            await self._intake.take(decision_from_home(press, self._now()))
        except NotStored as error:
            log.error("slack.click_lost", item=press.key, error=str(error))
            await self._whispers.whisper(press.channel, press.user, Notice("turn.busy"), press.language)
        await ack()

    async def on_settings(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        """The modal first, empty: the database may be slower than the trigger lives."""
        press = home_press(body)
        view = await self._open(press)
        if view is not None:
            item = settings_opened(press, view, self._now())
            try:
                await self._intake.take(item)
            except NotStored as error:
                log.error("slack.click_lost", item=press.key, error=str(error))
                await self._views.say_failed(item.view_id, item.view_hash, item.language)
        await ack()

    async def on_submitted(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        """Stored before the modal closes: what somebody saved is never lost unseen."""
        item, language = settings_from_submission(body, self._now())
        try:
            await self._intake.take(item)
        except NotStored as error:
            log.error("slack.submission_lost", item=item.dedupe_key, error=str(error))
            await ack(response_action="errors", errors=_busy(body, language))
        else:
            await ack()

    async def _open(self, press: HomePress) -> dict[str, Any] | None:
        try:
            async with asyncio.timeout(TRIGGER_SECONDS):
                view = loading_settings(press.channel, press.language)
                response = await self._client.views_open(trigger_id=press.trigger, view=view)
        except (SlackApiError, SlackUnavailable, TimeoutError) as error:
            log.warning("slack.view_not_opened", user=press.user, error=repr(error))
            return None
        return response["view"] or {}


def _busy(body: dict[str, Any], language: Language) -> dict[str, str]:
    return {first_block(body["view"]): say(language, "turn.busy")}
