"""files.*: the two calls around an upload, and the one that takes a file away."""

from bot.local.slack.call import Call
from bot.local.slack.people import BOT_USER
from bot.local.slack.room import Room
from bot.local.slack.shapes import Json, SlackError, objects


def get_upload_url(room: Room, call: Call) -> Json:
    name, length = call.required("filename"), call.number("length", 0)
    if length <= 0:
        raise SlackError("invalid_arguments", messages=["[ERROR] length must be a positive integer"])
    file = room.files.expect(name, length)
    return {"file_id": file.id, "upload_url": f"{room.base_url}/upload/v1/{file.ticket}"}


def complete_upload(room: Room, call: Call) -> Json:
    """Raises file_not_found for what was never uploaded in full, or is shared already."""
    channel = call.optional("channel_id")
    if channel is not None and BOT_USER not in room.board.channel(channel).members:
        raise SlackError("not_in_channel")
    asked = objects(call.array("files"))
    if not asked:
        raise SlackError("invalid_arguments", messages=["[ERROR] missing required field: files"])
    shared = [room.files.complete(str(file.get("id", "")), str(file.get("title") or "")) for file in asked]
    shown = [file.shown(room.base_url) for file in shared]
    if channel is not None:
        fields: Json = {"text": call.text("initial_comment"), "files": shown, "upload": True}
        room.post_as_bot(channel, fields, call.optional("thread_ts"))
    return {"files": [{"id": file.id, "title": file.title} for file in shared]}


def delete(room: Room, call: Call) -> Json:
    """Raises file_not_found."""
    room.files.delete(call.required("file"))
    return {}
