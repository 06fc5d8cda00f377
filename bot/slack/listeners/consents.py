"""The button that allows answers in a shared channel."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import structlog
from slack_bolt.async_app import AsyncAck, AsyncApp

from agent.notice import Notice
from bot.slack.action_ids import ActionId
from bot.slack.consents import consent_from_click
from bot.slack.listeners.intake import Intake, NotStored
from bot.slack.whispers import SlackWhispers

log = structlog.get_logger(__name__)


def register(app: AsyncApp, intake: Intake, whispers: SlackWhispers, now: Callable[[], Decimal]) -> None:
    async def on_consent(ack: AsyncAck, body: dict[str, Any]) -> None:
        item = consent_from_click(body, now())
        try:
            await intake.take(item)
        except NotStored as error:
            log.error("slack.click_lost", item=item.dedupe_key, error=str(error))
            await whispers.whisper(
                item.channel, item.user, Notice("turn.busy"), item.language, thread_ts=item.thread_ts
            )
        await ack()

    app.action(ActionId.CONSENT.value)(on_consent)
