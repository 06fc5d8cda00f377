"""Typed access to the bodies that Slack sends: what is not as documented is a ParseError here, and nowhere behind."""

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final, TypeAlias, cast

Body: TypeAlias = Mapping[str, Any]

LONGEST_ID: Final = 512
"""Ids are keys in our tables; Slack's are a few dozen characters."""
LONGEST_VALUE: Final = 2000
"""Slack's limit of a button's value."""
_TS: Final = re.compile(r"[0-9]{1,12}(\.[0-9]{1,9})?")


class ParseError(ValueError):
    """The body lacks what Slack documents, or holds something else there. It is acked, logged and dropped."""


def object_of(body: Body, name: str) -> Body:
    value = body.get(name)
    if not isinstance(value, dict):
        raise ParseError(f"{name} is no object")
    return cast(Body, value)


def first_object_of(body: Body, name: str) -> Body:
    values = body.get(name)
    if not isinstance(values, list) or not values or not isinstance(values[0], dict):
        raise ParseError(f"{name} is no list of objects")
    return cast(Body, values[0])


def id_of(body: Body, name: str) -> str:
    value = body.get(name)
    # Postgres has no text with a NUL in it: it would refuse the item for ever.
    if not isinstance(value, str) or not value or len(value) > LONGEST_ID or "\0" in value:
        raise ParseError(f"{name} is no id")
    return value


def value_of(action: Body) -> str:
    """What a button carries, or the option that was selected."""
    option = action.get("selected_option")
    value = cast(Body, option).get("value") if isinstance(option, dict) else action.get("value")
    if not isinstance(value, str) or not value or len(value) > LONGEST_VALUE or "\0" in value:
        raise ParseError("value is no text")
    return value


def optional_id(body: Body, name: str) -> str | None:
    return None if body.get(name) is None else id_of(body, name)


def optional_ts(body: Body, name: str) -> str | None:
    """A ts that names a message, or None."""
    ts = optional_id(body, name)
    if ts is not None:
        time_of(ts)
    return ts


def time_of(ts: str) -> Decimal:
    """Slack's ts as seconds."""
    if _TS.fullmatch(ts) is None:
        raise ParseError("ts is no time")
    return Decimal(ts)
