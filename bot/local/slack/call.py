"""One call of the Web API: its arguments, whichever of the three ways they were sent."""

from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from bot.local.slack.shapes import Json, SlackError, as_list, as_object, read_json


@dataclass(slots=True)
class Call:
    method: str
    args: Json
    """As sent: strings in a form or a query, any JSON in a JSON body."""
    token: str
    error: str | None = None
    """The code the call was answered with; None when it worked."""
    answer: Json = field(default_factory=dict[str, Any])

    def text(self, name: str, default: str = "") -> str:
        value = self.args.get(name)
        return default if value is None else str(value)

    def required(self, name: str) -> str:
        """Raises invalid_arguments, as Slack does for a missing argument."""
        value = self.text(name)
        if not value:
            raise SlackError("invalid_arguments", messages=[f"[ERROR] missing required field: {name}"])
        return value

    def optional(self, name: str) -> str | None:
        return self.text(name) or None

    def flag(self, name: str) -> bool:
        return self.text(name).lower() in ("true", "1")

    def number(self, name: str, default: int) -> int:
        try:
            return int(self.text(name) or default)
        except ValueError:
            raise SlackError("invalid_arguments", messages=[f"[ERROR] {name} must be an integer"]) from None

    def json_object(self, name: str) -> Json:
        return as_object(self._decoded(name))

    def array(self, name: str) -> list[Any]:
        return as_list(self._decoded(name))

    def has(self, name: str) -> bool:
        return self.args.get(name) is not None

    def _decoded(self, name: str) -> object:
        """A structured argument: an object in a JSON body, JSON text in a form."""
        value = self.args.get(name)
        if not isinstance(value, str):
            return value
        try:
            return read_json(value) if value else None
        except ValueError:
            code = "invalid_blocks_format" if name == "blocks" else "invalid_arguments"
            raise SlackError(code) from None


async def read_call(request: web.Request) -> Call:
    """Raises invalid_json, json_not_object."""
    args: Json = dict(request.query)
    if request.method == "POST":
        if request.content_type == "application/json":
            args |= await _json_body(request)
        else:
            args |= dict(await request.post())
    header = request.headers.get("Authorization", "")
    token = header.removeprefix("Bearer ").strip() or str(args.get("token", ""))
    args.pop("token", None)
    return Call(request.match_info["method"], args, token)


async def _json_body(request: web.Request) -> Json:
    text = await request.text()
    try:
        body = read_json(text) if text else {}
    except ValueError:
        raise SlackError("invalid_json") from None
    if not isinstance(body, dict):
        raise SlackError("json_not_object")
    return as_object(body)  # pyright: ignore[reportUnknownArgumentType]
