"""chat.*: posting, changing and taking back messages."""

from typing import Any, Final

from bot.local.slack.blocks import check_message_blocks
from bot.local.slack.call import Call
from bot.local.slack.elements import name_blocks
from bot.local.slack.people import BOT_USER
from bot.local.slack.room import Room
from bot.local.slack.shapes import Json, SlackError, objects

POST_CHARACTERS: Final = 40_000
UPDATE_CHARACTERS: Final = 4_000
"""chat.update refuses text that chat.postMessage takes."""


def post_message(room: Room, call: Call) -> Json:
    channel = call.required("channel")
    _must_be_member(room, channel)
    fields = _content(call, POST_CHARACTERS)
    if metadata := call.json_object("metadata"):
        fields["metadata"] = _checked_metadata(metadata)
    message = room.post_as_bot(channel, fields, call.optional("thread_ts"))
    return {"channel": channel, "ts": message["ts"], "message": message}


def update(room: Room, call: Call) -> Json:
    channel, ts = call.required("channel"), call.required("ts")
    fields: dict[str, Any] = _content(call, UPDATE_CHARACTERS)
    if call.has("text") and not call.has("blocks"):
        # Text alone takes the old blocks' place, and only such an update shows as edited.
        fields |= {"blocks": None, "edited": {"user": BOT_USER, "ts": room.board.timestamps.next()}}
    if metadata := call.json_object("metadata"):
        fields["metadata"] = _checked_metadata(metadata)
    message = room.change_as_bot(channel, ts, fields)
    return {"channel": channel, "ts": ts, "text": message.get("text", ""), "message": message}


def delete(room: Room, call: Call) -> Json:
    channel, ts = call.required("channel"), call.required("ts")
    room.delete_as_bot(channel, ts)
    return {"channel": channel, "ts": ts}


def post_ephemeral(room: Room, call: Call) -> Json:
    channel, user = call.required("channel"), call.required("user")
    _must_be_member(room, channel)
    if user not in room.board.channel(channel).members:
        raise SlackError("user_not_in_channel")
    message = room.whisper(channel, user, _content(call, UPDATE_CHARACTERS), call.optional("thread_ts"))
    return {"message_ts": message["ts"]}


def get_permalink(room: Room, call: Call) -> Json:
    channel, ts = call.required("channel"), call.required("message_ts")
    room.board.message(channel, ts)
    return {"channel": channel, "permalink": f"{room.base_url}/#{channel}/{ts}"}


def _content(call: Call, most: int) -> Json:
    """Text and blocks as sent. Raises no_text, msg_too_long, invalid_blocks."""
    text, blocks = call.text("text"), call.array("blocks")
    if markdown := call.text("markdown_text"):
        text, blocks = text or markdown, [{"type": "markdown", "text": markdown}, *blocks]
    if not text and not blocks and not call.array("attachments"):
        raise SlackError("no_text")
    if len(text) > most:
        raise SlackError("msg_too_long")
    check_message_blocks(blocks)
    fields: Json = {"text": text}
    if blocks:
        fields["blocks"] = name_blocks(objects(blocks))
    if attachments := call.array("attachments"):
        fields["attachments"] = attachments
    return fields


def _checked_metadata(metadata: Json) -> Json:
    if not isinstance(metadata.get("event_type"), str) or not isinstance(metadata.get("event_payload"), dict):
        raise SlackError("invalid_metadata_format")
    return metadata


def _must_be_member(room: Room, channel: str) -> None:
    if BOT_USER not in room.board.channel(channel).members:
        raise SlackError("not_in_channel")
