"""chat.*Stream: a message that grows while people watch."""

from typing import Any, Final

from bot.local.slack.blocks import check_message_blocks
from bot.local.slack.call import Call
from bot.local.slack.clock import now
from bot.local.slack.elements import name_blocks
from bot.local.slack.people import TEAM
from bot.local.slack.room import Room
from bot.local.slack.shapes import Json, SlackError, objects

STREAM_SECONDS: Final = 300.0
"""A stream ends this long after its start, whatever is appended."""


def start(room: Room, call: Call) -> Json:
    channel, thread_ts = call.required("channel"), call.required("thread_ts")
    if not room.board.channel(channel).is_dm:
        call.required("recipient_user_id")
        if call.required("recipient_team_id") != TEAM:
            raise SlackError("team_not_found")
    fields: Json = {"text": "", "blocks": [], "streaming_state": "in_progress", "stream_started": now()}
    message = room.post_as_bot(channel, fields, thread_ts)
    _grow(room, channel, message, call)
    return {"channel": channel, "ts": message["ts"]}


def append(room: Room, call: Call) -> Json:
    channel, message = _streaming(room, call)
    _grow(room, channel, message, call)
    return {"channel": channel, "ts": message["ts"]}


def stop(room: Room, call: Call) -> Json:
    channel, message = _streaming(room, call)
    _grow(room, channel, message, call)
    blocks = [*objects(message.get("blocks")), *objects(call.array("blocks"))]
    check_message_blocks(blocks)
    fields: Json = {"blocks": _renamed(blocks), "streaming_state": "completed", "stream_started": None}
    if metadata := call.json_object("metadata"):
        fields["metadata"] = metadata
    return {"channel": channel, "ts": message["ts"], "message": room.board.change(channel, message["ts"], fields)}


def _streaming(room: Room, call: Call) -> tuple[str, Json]:
    """Raises message_not_in_streaming_state, also for a stream that has grown too old."""
    channel = call.required("channel")
    message = room.board.message(channel, call.required("ts"))
    started = message.get("stream_started")
    if started is None or now() - float(started) > STREAM_SECONDS:
        raise SlackError("message_not_in_streaming_state")
    return channel, message


def _grow(room: Room, channel: str, message: Json, call: Call) -> None:
    chunks = objects(call.array("chunks"))
    if text := call.text("markdown_text"):
        chunks.insert(0, {"type": "markdown_text", "text": text})
    blocks = objects(message.get("blocks"))
    for chunk in chunks:
        _apply(blocks, chunk)
    text = "".join(str(block["text"]) for block in blocks if block["type"] == "markdown")
    room.board.change(channel, message["ts"], {"blocks": _renamed(blocks), "text": text})


def _apply(blocks: list[Json], chunk: Json) -> None:
    match chunk.get("type"):
        case "markdown_text":
            if not blocks or blocks[-1]["type"] != "markdown":
                blocks.append({"type": "markdown", "text": ""})
            blocks[-1]["text"] += str(chunk.get("text", ""))
        case "plan_update":
            _plan(blocks)["title"] = str(chunk.get("title", ""))
        case "task_update":
            _update_task(_plan(blocks)["tasks"], chunk)
        case "blocks":
            blocks.extend(objects(chunk.get("blocks")))
        case other:
            raise SlackError("invalid_chunks", messages=[f"[ERROR] unsupported type: {other}"])


def _plan(blocks: list[Json]) -> Json:
    for block in blocks:
        if block["type"] == "plan":
            return block
    blocks.append({"type": "plan", "title": "Working", "tasks": []})
    return blocks[-1]


def _update_task(tasks: list[Json], chunk: Json) -> None:
    """Title and status replace, details and output append."""
    task: Json | None = next((task for task in tasks if task["task_id"] == chunk.get("id")), None)
    if task is None:
        task = {"task_id": str(chunk.get("id")), "title": "", "status": "pending"}
        tasks.append(task)
    task["title"] = str(chunk.get("title") or task["title"])
    task["status"] = str(chunk.get("status") or task["status"])
    for name in ("details", "output"):
        if chunk.get(name):
            task[name] = _rich_text(_plain(task.get(name)) + str(chunk[name]))


def _rich_text(text: str) -> Json:
    section = {"type": "rich_text_section", "elements": [{"type": "text", "text": text}]}
    return {"type": "rich_text", "elements": [section]}


def _plain(rich_text: Any) -> str:
    return str(rich_text["elements"][0]["elements"][0]["text"]) if rich_text else ""


def _renamed(blocks: list[Json]) -> list[Json]:
    """Block ids anew: a growing message's blocks are numbered as they stand now."""
    return name_blocks([{name: value for name, value in block.items() if name != "block_id"} for block in blocks])
