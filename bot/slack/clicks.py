"""One pressed button, and where it stood. Pure: what is malformed is a ParseError."""

from dataclasses import dataclass

from bot.slack.action_ids import ActionId, action_named
from bot.slack.conversation import conversation_of
from bot.slack.fields import Body, ParseError, first_object_of, id_of, object_of, optional_ts, value_of


@dataclass(frozen=True, slots=True)
class Click:
    action: ActionId
    value: str
    block: str
    key: str
    """trigger_id:action_ts: one press, however often it is delivered."""
    trigger: str
    team: str
    channel: str
    user: str
    message_ts: str
    conversation: str
    thread_ts: str | None
    is_dm: bool


def click_of(body: Body) -> Click:
    action = first_object_of(body, "actions")
    try:
        action_id = action_named(str(action.get("action_id")))
    except ValueError:
        raise ParseError("action_id is none of ours") from None
    team, channel, user = (
        id_of(object_of(body, "team"), "id"),
        id_of(object_of(body, "channel"), "id"),
        id_of(object_of(body, "user"), "id"),
    )
    message = object_of(body, "message")
    ts, thread_ts = id_of(message, "ts"), optional_ts(message, "thread_ts")
    trigger = id_of(body, "trigger_id")
    is_dm = channel.startswith("D")
    # A reply at the top of a DM may have got a thread below it: pressed there, it still speaks for the DM.
    reply_to, conversation = conversation_of(team, channel, ts, thread_ts if thread_ts != ts else None, is_dm=is_dm)
    return Click(
        action=action_id,
        value=value_of(action),
        block=str(action.get("block_id", "")),
        key=f"{trigger}:{id_of(action, 'action_ts')}",
        trigger=trigger,
        team=team,
        channel=channel,
        user=user,
        message_ts=ts,
        conversation=conversation,
        thread_ts=reply_to,
        is_dm=is_dm,
    )
