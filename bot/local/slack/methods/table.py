"""The methods this workspace knows, by name."""

from collections.abc import Callable, Mapping
from typing import Final, TypeAlias

from bot.local.slack.call import Call
from bot.local.slack.methods import agents, chat, conversations, files, reactions, streams, usergroups, users, views
from bot.local.slack.people import BOT_ID, BOT_USER, TEAM
from bot.local.slack.room import Room
from bot.local.slack.shapes import Json

Method: TypeAlias = Callable[[Room, Call], Json]


def _api_test(room: Room, call: Call) -> Json:
    return {"args": call.args}


def _auth_test(room: Room, call: Call) -> Json:
    return {
        "url": f"{room.base_url}/",
        "team": "Local workspace",
        "user": room.bot.handle,
        "team_id": TEAM,
        "user_id": BOT_USER,
        "bot_id": BOT_ID,
        "is_enterprise_install": False,
    }


def _connections_open(room: Room, call: Call) -> Json:
    host = room.base_url.removeprefix("http://")
    return {"url": f"ws://{host}/link/?ticket={room.courier.links.ticket()}&app_id=local"}


APP_TOKEN_METHODS: Final = frozenset({"apps.connections.open"})
"""Called with the app-level token (xapp-), not the bot's."""

METHODS: Final[Mapping[str, Method]] = {
    "api.test": _api_test,
    "apps.connections.open": _connections_open,
    "auth.test": _auth_test,
    "agents.sessions.rename": agents.rename,
    "agents.sessions.setStatus": agents.set_session_status,
    "assistant.threads.setStatus": agents.set_status,
    "assistant.threads.setSuggestedPrompts": agents.set_suggested_prompts,
    "bots.info": users.bot_info,
    "chat.appendStream": streams.append,
    "chat.delete": chat.delete,
    "chat.getPermalink": chat.get_permalink,
    "chat.postEphemeral": chat.post_ephemeral,
    "chat.postMessage": chat.post_message,
    "chat.startStream": streams.start,
    "chat.stopStream": streams.stop,
    "chat.update": chat.update,
    "conversations.history": conversations.history,
    "conversations.info": conversations.info,
    "conversations.list": conversations.list_conversations,
    "conversations.members": conversations.members,
    "conversations.open": conversations.open_conversation,
    "conversations.replies": conversations.replies,
    "files.completeUploadExternal": files.complete_upload,
    "files.delete": files.delete,
    "files.getUploadURLExternal": files.get_upload_url,
    "reactions.add": reactions.add,
    "reactions.get": reactions.get,
    "reactions.remove": reactions.remove,
    "usergroups.list": usergroups.list_groups,
    "usergroups.users.list": usergroups.list_users,
    "users.info": users.info,
    "users.list": users.list_users,
    "views.open": views.open_view,
    "views.publish": views.publish,
    "views.push": views.push,
    "views.update": views.update,
}
