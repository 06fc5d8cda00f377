"""agents.sessions.* and assistant.threads.*: what an agent says of itself beside its messages."""

from typing import Final

from bot.local.slack.call import Call
from bot.local.slack.room import Room
from bot.local.slack.shapes import Json, SlackError, objects

SESSION_STATUSES: Final = frozenset({"active", "processing", "suspended", "closed"})
LONGEST_TITLE: Final = 200
MOST_PROMPTS: Final = 4


def set_status(room: Room, call: Call) -> Json:
    """assistant.threads.setStatus: words behind the bot's name; none take them away."""
    channel, thread_ts = _thread(room, call)
    room.set_status(channel, thread_ts, call.text("status"))
    return {}


def set_session_status(room: Room, call: Call) -> Json:
    """agents.sessions.setStatus: makes the session where there is none, and only then takes its title."""
    channel, thread_ts = _thread(room, call)
    status = call.required("status")
    if status not in SESSION_STATUSES:
        raise SlackError("invalid_arguments", messages=[f"[ERROR] unknown status: {status}"])
    known = room.sessions.get((channel, thread_ts))
    title = known["title"] if known else _title(call.text("title"))
    room.set_session(channel, thread_ts, status, title)
    return {"status": status, "title": title}


def rename(room: Room, call: Call) -> Json:
    channel, thread_ts = _thread(room, call)
    known = room.sessions.get((channel, thread_ts))
    if known is None:
        raise SlackError("session_not_found")
    room.set_session(channel, thread_ts, known["status"], _title(call.required("title")))
    return {}


def set_suggested_prompts(room: Room, call: Call) -> Json:
    """For an agent's pane: of the channel, never of a thread."""
    channel = room.board.channel(call.required("channel_id"))
    prompts = objects(call.array("prompts"))
    if not 1 <= len(prompts) <= MOST_PROMPTS or not all(p.get("title") and p.get("message") for p in prompts):
        raise SlackError("invalid_arguments", messages=["[ERROR] prompts: 1 to 4, each with a title and a message"])
    if channel.is_dm and call.optional("thread_ts") is None:  # Slack fails silently where an agent names a thread
        room.set_prompts(channel.id, call.text("title"), prompts)
    return {}


def _thread(room: Room, call: Call) -> tuple[str, str]:
    """Raises channel_not_found, message_not_found."""
    channel, thread_ts = call.required("channel_id"), call.required("thread_ts")
    room.board.message(room.board.channel(channel).id, thread_ts)
    return channel, thread_ts


def _title(title: str) -> str:
    if len(title) > LONGEST_TITLE:
        raise SlackError("invalid_arguments", messages=["[ERROR] title: no more than 200 characters"])
    return title
