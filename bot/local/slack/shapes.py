"""What crosses the wire: JSON objects, and Slack's way of saying no."""

import json
from typing import Any, Never, TypeAlias, cast

Json: TypeAlias = dict[str, Any]


class SlackError(Exception):
    """A Web API call that fails: Slack answers `{"ok": false, "error": code}`, mostly with HTTP 200."""

    def __init__(
        self, code: str, *, status: int = 200, retry_after: int | None = None, messages: list[str] | None = None
    ) -> None:
        super().__init__(code)
        self.code = code
        self.status = status
        self.retry_after = retry_after
        """Whole seconds, sent as the Retry-After header of a 429."""
        self.messages = messages or []
        """What exactly is wrong, for `response_metadata.messages`."""

    def body(self) -> Json:
        body: Json = {"ok": False, "error": self.code}
        if self.messages:
            body["response_metadata"] = {"messages": self.messages}
        return body


def read_json(text: str) -> object:
    """Raises ValueError, also for NaN and Infinity: Python writes them, no browser reads them."""
    return cast(object, json.loads(text, parse_constant=_refuse_constant))


def _refuse_constant(name: str) -> Never:
    raise ValueError(f"{name} is not JSON")


def as_object(value: object) -> Json:
    """*value* if it is a JSON object, else an empty one."""
    return cast(Json, value) if isinstance(value, dict) else {}


def as_list(value: object) -> list[Any]:
    """*value* if it is a JSON array, else an empty one."""
    return cast(list[Any], value) if isinstance(value, list) else []


def objects(value: object) -> list[Json]:
    """The JSON objects in the array *value*."""
    return [as_object(item) for item in as_list(value) if isinstance(item, dict)]
