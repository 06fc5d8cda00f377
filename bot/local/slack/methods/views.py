"""views.*: modals, opened within three seconds of a gesture, and Home tabs."""

from bot.local.slack.call import Call
from bot.local.slack.room import Room
from bot.local.slack.shapes import Json, SlackError


def open_view(room: Room, call: Call) -> Json:
    view = _view(call)
    user, _ = room.triggers.redeem(call.required("trigger_id"))
    return {"view": room.views.open(user, view)}


def push(room: Room, call: Call) -> Json:
    view = _view(call)
    user, parent = room.triggers.redeem(call.required("trigger_id"))
    if parent is None:
        raise SlackError("invalid_trigger_id")  # only a gesture inside a modal may push another
    return {"view": room.views.push(user, view)}


def update(room: Room, call: Call) -> Json:
    view = _view(call)
    view_id = call.optional("view_id")
    if view_id is None:
        view_id = room.views.find_external(call.required("external_id"))[1]["id"]
    return {"view": room.views.update(view_id, view, call.optional("hash"))}


def publish(room: Room, call: Call) -> Json:
    user = room.person(call.required("user_id")).id
    return {"view": room.views.publish(user, _view(call), call.optional("hash"))}


def _view(call: Call) -> Json:
    view = call.json_object("view")
    if not view:
        raise SlackError("invalid_arguments", messages=["[ERROR] missing required field: view"])
    return view
