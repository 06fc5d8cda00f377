"""What people say: mentions, direct messages, threads we take part in; and the marks they put on approval cards."""

from typing import Any

from slack_bolt.async_app import AsyncApp

from bot.channel_rules import ChannelRules
from bot.slack.changes import CHANGED, DELETED, change_from_event
from bot.slack.identity import Identity
from bot.slack.listeners.intake import Intake
from bot.slack.marks import discard_from_reaction
from bot.slack.parse import decision_from_reaction, speech_from_event


def register(app: AsyncApp, intake: Intake, me: Identity, rules: ChannelRules) -> None:
    async def on_speech(body: dict[str, Any]) -> None:
        item = speech_from_event(body, me, rules)
        if item is not None:
            await intake.take(item)

    async def on_mark(body: dict[str, Any]) -> None:
        item = decision_from_reaction(body, me) or discard_from_reaction(body, me)
        if item is not None:
            await intake.take(item)

    async def on_change(body: dict[str, Any]) -> None:
        item = change_from_event(body, me, rules)
        if item is not None:
            await intake.take(item)

    # Before speech: of several listeners that match, Bolt asks the first.
    for subtype in (CHANGED, DELETED):
        app.event({"type": "message", "subtype": subtype})(on_change)
    # A mention in a channel comes as both: whichever comes first is taken, and the dedupe key knows the other.
    app.event("app_mention")(on_speech)
    app.event("message")(on_speech)
    app.event("reaction_added")(on_mark)
