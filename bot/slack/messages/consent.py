"""A request for consent in a channel that another company shares, and what becomes of it. Pure."""

from agent.turn import Language
from bot.i18n.catalogue import say
from bot.slack.action_ids import ActionId, block_id
from bot.slack.markup import MRKDWN
from bot.slack.messages.message import Message, button, message, section


def render_consent_request(turn_id: str, language: Language) -> Message:
    """Nothing of the question: the other company reads this too."""
    needed = say(language, "consent.needed")
    allow = button(language, ActionId.CONSENT, turn_id, "primary")
    actions = {"type": "actions", "block_id": block_id("consent", language), "elements": [allow]}
    return message([needed], [section(needed), actions])


def render_consent_given(by: str, language: Language) -> Message:
    given = say(language, "consent.given", style=MRKDWN, by=by)
    return message([given], [section(given)])
