"""A message as a turn's reply: it names the turn, who asked by pressing, and why it stands elsewhere. Pure."""

from typing import Any, Final

from agent.notice import Notice
from bot.i18n.catalogue import say
from bot.slack.markup import MRKDWN
from bot.slack.messages.message import Message, below, context, fitted
from bot.slack.messages.notices import render_notices
from bot.surface import Place

EVENT_TYPE: Final = "data_bolt_reply"
LONGEST_QUESTION_SHOWN: Final = 300
UNREACHABLE: Final = "post.unreachable"
"""Why a reply stands elsewhere, where nobody remembers what Slack said."""


def explained(place: Place, channel: str, message: Message, why: str) -> Message:
    """Somewhere else than asked, a reply says why it is there: the sentence *why*."""
    if channel == place.channel:
        return message
    told = render_notices([Notice(why, {"channel": place.channel})], place.language)
    return below(told.text, told.blocks[0], message)


def reply_fields(place: Place, message: Message) -> dict[str, Any]:
    """What chat.postMessage and chat.update are sent. What was pressed nobody typed: the reply says it."""
    if not place.pressed:
        return named_fields(place.turn_id, message)
    question = fitted(place.pressed, LONGEST_QUESTION_SHOWN)
    asked = say(place.language, "turn.pressed", style=MRKDWN, by=place.user, question=question)
    return named_fields(place.turn_id, below(asked, context(asked), message))


def named_fields(turn_id: str, message: Message) -> dict[str, Any]:
    fields: dict[str, Any] = {
        "text": message.text,
        "metadata": {"event_type": EVENT_TYPE, "event_payload": {"turn_id": turn_id}},
    }
    # Without the field an update that brings text drops the old blocks.
    return fields | ({"blocks": list(message.blocks)} if message.blocks else {})
