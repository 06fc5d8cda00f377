"""The payloads of the Events API, as Slack's own JSON has them."""

import re
import secrets
from typing import Any

from bot.local.slack.clock import now
from bot.local.slack.envelopes import Envelope
from bot.local.slack.people import APP, BOT_USER, TEAM, Channel
from bot.local.slack.shapes import Json

MENTION = re.compile(r"<@([A-Z0-9]+)(?:\|[^>]*)?>")
_HIDDEN = ("metadata", "channel", "is_ephemeral", "ephemeral_to")


def event_envelope(event: Json, *, is_ext_shared: bool = False) -> Envelope:
    """An events_api envelope around *event*, with an event_id of its own; *is_ext_shared*: of a shared channel."""
    payload: Json = {
        "token": "local",
        "team_id": TEAM,
        "context_team_id": TEAM,
        "context_enterprise_id": None,
        "api_app_id": APP,
        "event": event,
        "type": "event_callback",
        "event_id": f"Ev{secrets.token_hex(5).upper()}",
        "event_time": int(now()),
        "authorizations": [
            {
                "enterprise_id": None,
                "team_id": TEAM,
                "user_id": BOT_USER,
                "is_bot": True,
                "is_enterprise_install": False,
            }
        ],
        "is_ext_shared_channel": is_ext_shared,
        "event_context": secrets.token_urlsafe(24),
    }
    return Envelope("events_api", payload, accepts_response=False)


def message_event(channel: Channel, message: Json) -> Json:
    """`message`: somebody posted in *channel*."""
    visible = {name: value for name, value in message.items() if name not in _HIDDEN}
    return visible | {"channel": channel.id, "event_ts": message["ts"], "channel_type": channel.kind}


def mention_event(channel: Channel, message: Json) -> Json:
    """`app_mention`: the same post once more, because it names the bot."""
    event = message_event(channel, message) | {"type": "app_mention"}
    del event["channel_type"]
    return event


def changed_event(channel: Channel, message: Json, previous: Json, event_ts: str) -> Json:
    return {
        "type": "message",
        "subtype": "message_changed",
        "message": {name: value for name, value in message.items() if name not in _HIDDEN},
        "previous_message": {name: value for name, value in previous.items() if name not in _HIDDEN},
        "channel": channel.id,
        "hidden": True,
        "ts": event_ts,
        "event_ts": event_ts,
        "channel_type": channel.kind,
    }


def deleted_event(channel: Channel, message: Json, event_ts: str) -> Json:
    return {
        "type": "message",
        "subtype": "message_deleted",
        "previous_message": {name: value for name, value in message.items() if name not in _HIDDEN},
        "channel": channel.id,
        "hidden": True,
        "deleted_ts": message["ts"],
        "ts": event_ts,
        "event_ts": event_ts,
        "channel_type": channel.kind,
    }


def reaction_event(kind: str, user: str, name: str, *, channel: str, message: Json, event_ts: str) -> Json:
    """*kind* is reaction_added or reaction_removed."""
    return {
        "type": kind,
        "user": user,
        "reaction": name,
        "item": {"type": "message", "channel": channel, "ts": message["ts"]},
        "item_user": message.get("user"),
        "event_ts": event_ts,
    }


def member_event(kind: str, user: str, channel: Channel, event_ts: str) -> Json:
    """*kind* is member_joined_channel or member_left_channel."""
    return {
        "type": kind,
        "user": user,
        "channel": channel.id,
        "channel_type": "C",
        "team": TEAM,
        "event_ts": event_ts,
    }


def home_opened_event(user: str, channel: str, tab: str, event_ts: str) -> Json:
    """*tab* is `home` or `messages`."""
    return {"type": "app_home_opened", "user": user, "channel": channel, "tab": tab, "event_ts": event_ts}


def session_stopped_event(user: str, channel: str, thread_ts: str, *, streams: list[str], event_ts: str) -> Json:
    """*streams*: the messages that grew until then."""
    return {
        "type": "agent_session_stopped",
        "user": user,
        "channel": channel,
        "thread_ts": thread_ts,
        "streaming_message_ts": streams,
        "event_ts": event_ts,
    }


def mentions(text: str, user: str) -> bool:
    return any(found.group(1) == user for found in MENTION.finditer(text))


def rich_text_of(text: str) -> list[Json]:
    """The rich_text block Slack makes of what a person types."""
    elements: list[Any] = []
    end = 0
    for found in MENTION.finditer(text):
        elements += _text_element(text[end : found.start()])
        elements.append({"type": "user", "user_id": found.group(1)})
        end = found.end()
    elements += _text_element(text[end:])
    section = {"type": "rich_text_section", "elements": elements}
    return [{"type": "rich_text", "block_id": secrets.token_hex(3), "elements": [section]}]


def _text_element(text: str) -> list[Json]:
    plain = text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    return [{"type": "text", "text": plain}] if plain else []
