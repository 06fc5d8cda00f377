"""Who comes and goes: what is remembered of a room or of the user groups is asked for anew."""

from collections.abc import Mapping
from typing import Any, Final

from slack_bolt.async_app import AsyncApp

from bot.slack.rooms import SlackRooms

ROOM_EVENTS: Final = ("member_joined_channel", "member_left_channel", "channel_shared", "channel_unshared")
ROOM_MESSAGES: Final = ("channel_join", "channel_leave", "group_join", "group_leave")
"""Posted into the channel itself, so that the app hears of it without any of the events above."""
GROUP_EVENTS: Final = ("subteam_created", "subteam_updated", "subteam_members_changed")


def register(app: AsyncApp, rooms: SlackRooms) -> None:
    async def on_room(event: Mapping[str, Any]) -> None:
        rooms.forget(str(event.get("channel")))

    async def on_groups() -> None:
        rooms.forget_groups()

    for kind in ROOM_EVENTS:
        app.event(kind)(on_room)
    for subtype in ROOM_MESSAGES:
        app.event({"type": "message", "subtype": subtype})(on_room)
    for kind in GROUP_EVENTS:
        app.event(kind)(on_groups)
