"""reactions.*: the bot's emoji on messages."""

from bot.local.slack.call import Call
from bot.local.slack.people import BOT_USER
from bot.local.slack.room import Room
from bot.local.slack.shapes import Json


def add(room: Room, call: Call) -> Json:
    name = call.required("name").strip(":")
    room.react(BOT_USER, call.required("channel"), call.required("timestamp"), name)
    return {}


def remove(room: Room, call: Call) -> Json:
    name = call.required("name").strip(":")
    room.react(BOT_USER, call.required("channel"), call.required("timestamp"), name, remove=True)
    return {}


def get(room: Room, call: Call) -> Json:
    channel = call.required("channel")
    message = room.board.message(channel, call.required("timestamp"))
    return {"type": "message", "channel": channel, "message": message}
