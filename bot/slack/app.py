"""The Bolt app. With `process_before_response` it answers an envelope only after its listener has returned."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import structlog
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.response import BoltResponse
from slack_sdk.web.async_client import AsyncWebClient

from bot.channel_rules import EVERYWHERE, ChannelRules
from bot.inbox.inbox import Inbox
from bot.slack.client import PatientClient, quiet_logger
from bot.slack.fields import ParseError
from bot.slack.identity import Identity
from bot.slack.listeners import consents as consent_clicks
from bot.slack.listeners import events, refinements, session_events
from bot.slack.listeners import rooms as room_events
from bot.slack.listeners.actions import ClickListeners
from bot.slack.listeners.commands import CommandListeners
from bot.slack.listeners.feedback import FeedbackListeners
from bot.slack.listeners.home import HomeListeners
from bot.slack.listeners.intake import Intake, NotStored
from bot.slack.listeners.shortcuts import ShortcutListeners
from bot.slack.recording_app import RecordingApp
from bot.slack.rooms import SlackRooms
from bot.slack.whispers import SlackWhispers
from bot.surface import People

log = structlog.get_logger(__name__)

NOT_STORED = 503
"""The status that tells the socket to leave the envelope without an ack."""


def build_app(
    client: PatientClient,
    me: Identity,
    *,
    inbox: Inbox,
    whispers: SlackWhispers,
    people: People,
    rooms: SlackRooms,
    rules: ChannelRules = EVERYWHERE,
) -> RecordingApp:
    async def authorize() -> AuthorizeResult:
        # Known since the start. Bolt's own auth.test lies before the listener, and acks the event when it fails.
        return AuthorizeResult(enterprise_id=None, team_id=me.team, bot_user_id=me.bot_user, bot_id=me.bot)

    app = RecordingApp(
        name="data-bolt",
        logger=quiet_logger(),
        # It has no token: listeners use `client`, which waits where Slack says wait.
        client=AsyncWebClient(base_url=client.base_url, session=client.session, logger=quiet_logger()),
        authorize=authorize,
        process_before_response=True,
    )
    app.error(_on_error)
    intake = Intake(inbox)
    # Before the events of speech: of several listeners that match, Bolt asks the first.
    room_events.register(app, rooms)
    events.register(app, intake, me, rules)
    session_events.register(app, intake)
    consent_clicks.register(app, intake, whispers, _now)
    ClickListeners(client=client, intake=intake, whispers=whispers, now=_now).register(app)
    HomeListeners(client=client, intake=intake, whispers=whispers, now=_now).register(app)
    CommandListeners(intake=intake, people=people, now=_now).register(app)
    FeedbackListeners(client=client, intake=intake, whispers=whispers, now=_now).register(app)
    refinements.register(app, intake, _now)
    ShortcutListeners(client=client, intake=intake, whispers=whispers, people=people, now=_now).register(app)
    return app


async def _on_error(error: Exception, body: dict[str, Any]) -> BoltResponse:
    """What failed in a listener, or in Bolt on the way there."""
    if isinstance(error, NotStored):
        log.error("slack.not_stored", envelope_type=body.get("type"), error=str(error))
        return BoltResponse(status=NOT_STORED)
    # The same bytes would fail the same way however often they come: acked, logged, dropped.
    if isinstance(error, ParseError):
        log.warning("slack.malformed_dropped", envelope_type=body.get("type"), error=str(error))
    else:
        log.error("slack.unreadable_dropped", envelope_type=body.get("type"), exc_info=error)
    return BoltResponse(status=200)


def _now() -> Decimal:
    return Decimal(str(datetime.now(UTC).timestamp()))
