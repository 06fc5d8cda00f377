"""A reverse proxy in front of a service that can be told to fail as badly as services do: repeating what it was sent.

The error holds the request's Authorization header, then its body: keys, prompts, SQL.
"""

import json
from collections.abc import Callable
from typing import Any, Final, TypeAlias

from aiohttp import web

from tests.scenario.reverse_proxy import ReverseProxy

MARK: Final = "you sent"
Shape: TypeAlias = Callable[[str], tuple[int, dict[str, Any]]]
"""From the words of an error to the status and the body that the service would answer with."""


class EchoWire(ReverseProxy):
    def __init__(self, target: str, shape: Shape) -> None:
        super().__init__(target)
        self._shape = shape
        self._part = ""
        self._times = 0

    def fail_next(self, part: str, times: int = 1) -> None:
        """The next *times* requests whose path holds *part* are answered with an error."""
        self._part, self._times = part, times

    @property
    def has_failed(self) -> bool:
        return self._times == 0

    async def answer(self, request: web.Request) -> web.Response:
        if not self._times or self._part not in request.path:
            return await self.pass_on(request)
        self._times -= 1
        body = await request.read()
        said = f"{MARK} {request.headers.get('Authorization')} {body.decode(errors='replace')}"
        status, told = self._shape(said)
        return web.json_response(told, status=status)


def slack_error(said: str) -> tuple[int, dict[str, Any]]:
    return 200, {"ok": False, "error": said}


def model_error(said: str) -> tuple[int, dict[str, Any]]:
    return 503, {"error": {"message": said, "type": "overloaded"}}


def bigquery_error(said: str) -> tuple[int, dict[str, Any]]:
    return 400, {"error": {"code": 400, "message": said, "errors": [{"reason": "invalidQuery", "message": said}]}}


def dumped(value: object) -> str:
    """As text in which a plain search finds what is in it, whatever its spelling in JSON."""
    return json.dumps(value, ensure_ascii=False, default=str)
