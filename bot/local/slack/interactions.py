"""The payloads of people's gestures: a pressed button, a submitted modal, a slash command."""

from typing import Final

from bot.local.slack.clock import Timestamps
from bot.local.slack.envelopes import Envelope
from bot.local.slack.people import APP, TEAM, Channel, Person
from bot.local.slack.shapes import Json, objects

DOMAIN: Final = "local"
_TEAM_OBJECT: Final = {"id": TEAM, "domain": DOMAIN}


def _common(kind: str, person: Person) -> Json:
    user = {"id": person.id, "username": person.handle, "name": person.handle, "team_id": person.team}
    return {
        "type": kind,
        "user": user,
        "team": _TEAM_OBJECT,
        "api_app_id": APP,
        "token": "local",
        "enterprise": None,
        "is_enterprise_install": False,
    }


def action_of(block_id: str, element: Json, choice: Json, timestamps: Timestamps) -> Json:
    """What block_actions says about the pressed *element*; *choice* is what was chosen (`selected_option`, `value`)."""
    kept = ("type", "action_id", "text", "value", "style", "placeholder")
    action: Json = {name: element[name] for name in kept if name in element}
    return action | choice | {"block_id": block_id, "action_ts": timestamps.next()}


def message_click(
    person: Person, channel: Channel, message: Json, action: Json, *, trigger_id: str, response_url: str
) -> Envelope:
    """block_actions on a message."""
    is_ephemeral = bool(message.get("is_ephemeral"))
    container: Json = {
        "type": "message",
        "message_ts": message["ts"],
        "channel_id": channel.id,
        "is_ephemeral": is_ephemeral,
    }
    if "thread_ts" in message:
        container["thread_ts"] = message["thread_ts"]
    payload = _common("block_actions", person) | {
        "container": container,
        "trigger_id": trigger_id,
        "channel": {"id": channel.id, "name": "directmessage" if channel.is_dm else channel.name},
        "state": {"values": {}},
        "response_url": response_url,
        "actions": [action],
    }
    if not is_ephemeral:
        payload["message"] = {name: value for name, value in message.items() if name != "metadata"}
    return Envelope("interactive", payload, accepts_response=False)


def view_click(person: Person, view: Json, action: Json, *, trigger_id: str) -> Envelope:
    """block_actions inside a modal or a Home tab."""
    payload = _common("block_actions", person) | {
        "container": {"type": "view", "view_id": view["id"]},
        "trigger_id": trigger_id,
        "view": view,
        "actions": [action],
    }
    return Envelope("interactive", payload, accepts_response=False)


def view_submission(person: Person, view: Json, values: Json, *, trigger_id: str) -> Envelope:
    """*values* is Slack's state: block_id to action_id to the element's state."""
    payload = _common("view_submission", person) | {
        "trigger_id": trigger_id,
        "view": view | {"state": {"values": values}},
        "response_urls": [],
    }
    return Envelope("interactive", payload, accepts_response=True)


def view_closed(person: Person, view: Json, *, is_cleared: bool) -> Envelope:
    payload = _common("view_closed", person) | {"view": view, "is_cleared": is_cleared}
    return Envelope("interactive", payload, accepts_response=False)


def message_shortcut(
    person: Person,
    channel: Channel,
    message: Json,
    callback_id: str,
    *,
    action_ts: str,
    trigger_id: str,
    response_url: str,
) -> Envelope:
    """message_action: a shortcut of the app's, in the menu of *message*."""
    payload = _common("message_action", person) | {
        "callback_id": callback_id,
        "action_ts": action_ts,
        "trigger_id": trigger_id,
        "response_url": response_url,
        "channel": {"id": channel.id, "name": "directmessage" if channel.is_dm else channel.name},
        "message_ts": message["ts"],
        "message": {name: value for name, value in message.items() if name != "metadata"},
    }
    return Envelope("interactive", payload, accepts_response=False)


def slash_command(
    person: Person, channel: Channel, command: str, text: str, *, trigger_id: str, response_url: str
) -> Envelope:
    payload: Json = {
        "token": "local",
        "team_id": TEAM,
        "team_domain": DOMAIN,
        "channel_id": channel.id,
        "channel_name": "directmessage" if channel.is_dm else channel.name,
        "user_id": person.id,
        "user_name": person.handle,
        "command": command,
        "text": text,
        "api_app_id": APP,
        "is_enterprise_install": "false",
        "response_url": response_url,
        "trigger_id": trigger_id,
    }
    return Envelope("slash_commands", payload, accepts_response=True)


def empty_state(blocks: object) -> Json:
    """The state of a modal nobody has touched: initial values only."""
    values: Json = {}
    for block in objects(blocks):
        element = block.get("element")
        if isinstance(element, dict) and "action_id" in element:
            state: Json = {"type": element.get("type"), "value": element.get("initial_value")}
            if "initial_option" in element:
                state = {"type": element.get("type"), "selected_option": element["initial_option"]}
            values.setdefault(str(block.get("block_id")), {})[str(element["action_id"])] = state
    return values
