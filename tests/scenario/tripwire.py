"""A reverse proxy in front of a service, with a wire across the road: `on_crossing` is told of every request
before it is forwarded and after it was answered. It may end the caller there; then nothing goes further."""

import json
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Literal, TypeAlias

from aiohttp import ClientSession, DummyCookieJar, web


@dataclass(frozen=True)
class Crossing:
    """One moment of one request."""

    call: str
    """`slack chat.update`, `model plan_turn_action`, `bigquery dry_run`, `bigquery insert`, `bigquery results`."""
    moment: Literal["before", "after"]


OnCrossing: TypeAlias = Callable[[Crossing], Awaitable[bool]]
"""False: the caller is no more; a request that was not forwarded yet never arrived."""
Label: TypeAlias = Callable[[str, str, bytes], str]
_HOP = {"host", "content-length", "transfer-encoding", "connection", "content-encoding"}


class Tripwire:
    """Proxies 127.0.0.1:<own port> to *target*; `url` is where callers go."""

    def __init__(self, target: str, label: Label, on_crossing: OnCrossing) -> None:
        self._target = target.rstrip("/")
        self._label = label
        self._on_crossing = on_crossing
        self.url = ""

    @asynccontextmanager
    async def serving(self) -> AsyncGenerator["Tripwire"]:
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
        call = self._label(request.method, request.path, body)
        headers = {name: value for name, value in request.headers.items() if name.lower() not in _HOP}
        if not await self._on_crossing(Crossing(call, "before")):
            return web.Response(status=502)
        url = f"{self._target}{request.raw_path}"
        async with self._client.request(request.method, url, data=body, headers=headers) as answer:
            content = await answer.read()
            kept = {name: value for name, value in answer.headers.items() if name.lower() not in _HOP}
        await self._on_crossing(Crossing(call, "after"))
        return web.Response(status=answer.status, body=content, headers=kept)


def slack_label(method: str, path: str, body: bytes) -> str:
    return f"slack {path.removeprefix('/api/')}"


def model_label(method: str, path: str, body: bytes) -> str:
    shape = json.loads(body).get("response_format", {}).get("json_schema", {}) if body else {}
    return f"model {shape.get('name', path)}"


def bigquery_label(method: str, path: str, body: bytes) -> str:
    if method == "POST" and path.endswith("/jobs"):
        return "bigquery dry_run" if json.loads(body)["configuration"].get("dryRun") else "bigquery insert"
    return "bigquery results" if "/queries/" in path else f"bigquery {method} {path.rsplit('/', 2)[-2]}"
