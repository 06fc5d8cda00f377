"""Slack's own stop button under an agent session."""

from typing import Any

from slack_bolt.async_app import AsyncApp

from bot.slack.listeners.intake import Intake
from bot.slack.session_stop import stop_from_session


def register(app: AsyncApp, intake: Intake) -> None:
    async def on_stopped(body: dict[str, Any]) -> None:
        await intake.take(stop_from_session(body))

    app.event("agent_session_stopped")(on_stopped)
