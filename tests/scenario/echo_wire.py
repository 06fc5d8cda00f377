"""A reverse proxy in front of a service that can be told to fail as badly as services do: repeating what it was sent.

The error holds the request's Authorization header, then its body: keys, prompts, SQL.
"""

import json
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from typing import Any, Final, TypeAlias

from aiohttp import ClientSession, DummyCookieJar, web

MARK: Final = "you sent"
Shape: TypeAlias = Callable[[str], tuple[int, dict[str, Any]]]
"""From the words of an error to the status and the body that the service would answer with."""
_HOP: Final = {"host", "content-length", "transfer-encoding", "connection", "content-encoding"}


class EchoWire:
    def __init__(self, target: str, shape: Shape) -> None:
        self._target = target.rstrip("/")
        self._shape = shape
        self._part = ""
        self._times = 0
        self.url = ""

    def fail_next(self, part: str, times: int = 1) -> None:
        """The next *times* requests whose path holds *part* are answered with an error."""
        self._part, self._times = part, times

    @property
    def has_failed(self) -> bool:
        return self._times == 0

    @asynccontextmanager
    async def serving(self) -> AsyncGenerator["EchoWire"]:
        app = web.Application(client_max_size=64 * 2**20)
        app.router.add_route("*", "/{path:.*}", self._forward)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        async with ClientSession(cookie_jar=DummyCookieJar()) as self._client:
            try:
                yield self
            finally:
                await runner.cleanup()

    async def _forward(self, request: web.Request) -> web.Response:
        body = await request.read()
        if self._times and self._part in request.path:
            self._times -= 1
            said = f"{MARK} {request.headers.get('Authorization')} {body.decode(errors='replace')}"
            status, told = self._shape(said)
            return web.json_response(told, status=status)
        headers = {name: value for name, value in request.headers.items() if name.lower() not in _HOP}
        url = f"{self._target}{request.raw_path}"
        async with self._client.request(request.method, url, data=body, headers=headers) as answer:
            content = await answer.read()
            kept = {name: value for name, value in answer.headers.items() if name.lower() not in _HOP}
        return web.Response(status=answer.status, body=content, headers=kept)


def slack_error(said: str) -> tuple[int, dict[str, Any]]:
    return 200, {"ok": False, "error": said}


def model_error(said: str) -> tuple[int, dict[str, Any]]:
    return 503, {"error": {"message": said, "type": "overloaded"}}


def bigquery_error(said: str) -> tuple[int, dict[str, Any]]:
    return 400, {"error": {"code": 400, "message": said, "errors": [{"reason": "invalidQuery", "message": said}]}}


def dumped(value: object) -> str:
    """As text in which a plain search finds what is in it, whatever its spelling in JSON."""
    return json.dumps(value, ensure_ascii=False, default=str)
