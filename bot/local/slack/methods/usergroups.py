"""usergroups.*: which names stand for several people."""

from bot.local.slack.call import Call
from bot.local.slack.room import Room
from bot.local.slack.shapes import Json, SlackError


def list_groups(room: Room, call: Call) -> Json:
    with_users, with_count = call.flag("include_users"), call.flag("include_count")
    shown = [group for group in room.groups.values() if call.flag("include_disabled") or not group.is_disabled]
    return {"usergroups": [group.to_api(include_users=with_users, include_count=with_count) for group in shown]}


def list_users(room: Room, call: Call) -> Json:
    group = room.groups.get(call.required("usergroup"))
    if group is None or (group.is_disabled and not call.flag("include_disabled")):
        raise SlackError("no_such_subteam")
    return {"users": list(group.users)}
