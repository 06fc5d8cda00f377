"""conversations.*: what was said, where, and by whom."""

import base64
import binascii
from collections.abc import Sequence
from typing import Any, Final

from bot.local.slack.call import Call
from bot.local.slack.people import BOT_USER, dm_of
from bot.local.slack.room import Room
from bot.local.slack.shapes import Json, SlackError

MAX_PAGE: Final = 999


def history(room: Room, call: Call) -> Json:
    """Newest first, as Slack gives it."""
    messages = _within(call, room.board.history(call.required("channel")))
    page, metadata = _page(call, messages[::-1])
    return {"messages": _shown(call, page), "pin_count": 0} | metadata


def replies(room: Room, call: Call) -> Json:
    """The root, then its replies oldest first; the root comes with every page."""
    root, *answers = room.board.thread(call.required("channel"), call.required("ts"))
    page, metadata = _page(call, _within(call, answers))
    return {"messages": _shown(call, [root, *page])} | metadata


def info(room: Room, call: Call) -> Json:
    return {"channel": room.board.channel(call.required("channel")).to_api()}


def members(room: Room, call: Call) -> Json:
    page, metadata = _page(call, list(room.board.channel(call.required("channel")).members))
    return {"members": page} | metadata


def list_conversations(room: Room, call: Call) -> Json:
    kinds = {kind.strip() for kind in call.text("types", "public_channel").split(",")}
    wanted = [c for c in room.board.channels.values() if ("im" if c.is_dm else "public_channel") in kinds]
    page, metadata = _page(call, [channel.to_api() for channel in wanted])
    return {"channels": page} | metadata


def open_conversation(room: Room, call: Call) -> Json:
    if channel := call.optional("channel"):
        return {"channel": room.board.channel(channel).to_api(), "no_op": True, "already_open": True}
    user = room.person(call.required("users")).id
    if user == BOT_USER:
        raise SlackError("cannot_dm_bot")
    return {"channel": {"id": dm_of(user)} | room.board.channel(dm_of(user)).to_api()}


def _within(call: Call, messages: list[Json]) -> list[Json]:
    oldest, latest, inclusive = call.text("oldest", "0"), call.text("latest"), call.flag("inclusive")

    def fits(ts: str) -> bool:
        if inclusive and ts in (oldest, latest):
            return True
        return float(ts) > float(oldest) and (not latest or float(ts) < float(latest))

    return [message for message in messages if fits(message["ts"])]


def _shown(call: Call, messages: Sequence[Json]) -> list[Json]:
    """Metadata is only told to those who ask for it."""
    hidden = set() if call.flag("include_all_metadata") else {"metadata"}
    return [{name: value for name, value in message.items() if name not in hidden} for message in messages]


def _page(call: Call, items: Sequence[Any]) -> tuple[Sequence[Any], Json]:
    """The page that limit and cursor name. Raises invalid_cursor."""
    limit = max(1, min(call.number("limit", 100), MAX_PAGE))
    start = _read_cursor(call.text("cursor"))
    end = start + limit
    has_more = end < len(items)
    cursor = base64.b64encode(f"next:{end}".encode()).decode() if has_more else ""
    return items[start:end], {"has_more": has_more, "response_metadata": {"next_cursor": cursor}}


def _read_cursor(cursor: str) -> int:
    if not cursor:
        return 0
    try:
        return int(base64.b64decode(cursor, validate=True).decode().removeprefix("next:"))
    except (ValueError, binascii.Error):
        raise SlackError("invalid_cursor") from None
