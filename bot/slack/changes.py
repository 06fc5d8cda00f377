"""Messages that were edited or deleted, as inbox items. Pure: what is not for us is None."""

from typing import Final

from bot.channel_rules import EVERYWHERE, ChannelRules
from bot.inbox.items import MessageDeleted, MessageEdited, TurnRequested, control_lane
from bot.slack.fields import Body, id_of, object_of, time_of
from bot.slack.identity import Identity
from bot.slack.parse import speech_from_event

CHANGED: Final = "message_changed"
DELETED: Final = "message_deleted"
_TOMBSTONE: Final = "tombstone"
"""What Slack puts in the place of a deleted message that has replies: an edit, by its event."""
LONGEST_SECONDS: Final = 24 * 3600
"""After that a question is not known any more by its key: an edit of it would look like a new one."""


def change_from_event(
    body: Body, me: Identity, rules: ChannelRules = EVERYWHERE
) -> MessageEdited | MessageDeleted | None:
    event = object_of(body, "event")
    if event.get("subtype") == DELETED:
        return _deleted(body, event, me, rules)
    message = object_of(event, "message")
    if message.get("subtype") == _TOMBSTONE:
        return _deleted(body, event, me, rules)
    return _edited(body, event, message, me, rules)


def _edited(body: Body, event: Body, message: Body, me: Identity, rules: ChannelRules) -> MessageEdited | None:
    if _previous(event).get("text") == message.get("text"):
        return None  # Slack unfurled a link, or counted a reply
    turn = _turn(body, event, message, me, rules)
    changed_at = time_of(id_of(event, "event_ts"))
    if turn is None or changed_at - turn.spoken_at > LONGEST_SECONDS:
        return None
    return MessageEdited(
        dedupe_key=f"event:{id_of(body, 'event_id')}",
        conversation=_lane(turn.dedupe_key),
        spoken_at=changed_at,
        turn=turn,
    )


def _deleted(body: Body, event: Body, me: Identity, rules: ChannelRules) -> MessageDeleted | None:
    turn = _turn(body, event, _previous(event), me, rules)
    if turn is None:
        return None
    return MessageDeleted(
        dedupe_key=f"event:{id_of(body, 'event_id')}",
        conversation=_lane(turn.dedupe_key),
        spoken_at=time_of(id_of(event, "event_ts")),
        turn_id=turn.dedupe_key,
    )


def _previous(event: Body) -> Body:
    return object_of(event, "previous_message") if event.get("previous_message") is not None else {}


def _turn(body: Body, event: Body, message: Body, me: Identity, rules: ChannelRules) -> TurnRequested | None:
    """*message* as if it had been posted just now."""
    if not message:
        return None
    place = {"channel": event.get("channel"), "channel_type": event.get("channel_type")}
    spoken = speech_from_event({**body, "event": {**message, **place}}, me, rules)
    return spoken if isinstance(spoken, TurnRequested) else None


def _lane(turn_id: str) -> str:
    """Changes of one message in their order, beside the turn that they change."""
    return control_lane(f"changed:{turn_id}")
