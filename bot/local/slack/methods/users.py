"""users.*, bots.info: who people are and which language they speak."""

from bot.local.slack.call import Call
from bot.local.slack.people import APP, BOT_ID, BOT_USER
from bot.local.slack.room import Room
from bot.local.slack.shapes import Json, SlackError


def info(room: Room, call: Call) -> Json:
    return {"user": room.person(call.required("user")).to_api(include_locale=call.flag("include_locale"))}


def list_users(room: Room, call: Call) -> Json:
    members = [person.to_api(include_locale=call.flag("include_locale")) for person in room.people.values()]
    return {"members": members, "cache_ts": 0, "response_metadata": {"next_cursor": ""}}


def bot_info(room: Room, call: Call) -> Json:
    if call.text("bot", BOT_ID) != BOT_ID:
        raise SlackError("bot_not_found")
    bot = {"id": BOT_ID, "deleted": False, "name": room.bot.name, "app_id": APP, "user_id": BOT_USER, "icons": {}}
    return {"bot": bot}
