"""A reverse proxy in front of a service, with a wire across the road: `on_crossing` is told of every request
before it is forwarded and after it was answered, and may pull the trigger there."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Literal, TypeAlias

from aiohttp import ClientSession, DummyCookieJar, web


@dataclass(frozen=True)
class Crossing:
    """One moment of one request."""

    service: str
    call: str
    """`POST /api/chat.postMessage`."""
    moment: Literal["before", "after"]


OnCrossing: TypeAlias = Callable[[Crossing], Awaitable[None]]
_HOP = {"host", "content-length", "transfer-encoding", "connection", "content-encoding"}


class Tripwire:
    """Proxies 127.0.0.1:<own port> to *target*; `url` is where callers go."""

    def __init__(self, service: str, target: str, on_crossing: OnCrossing) -> None:
        self._service = service
        self._target = target.rstrip("/")
        self._on_crossing = on_crossing
        self.url = ""

    @asynccontextmanager
    async def serving(self) -> AsyncGenerator["Tripwire"]:
        app = web.Application(client_max_size=64 * 2**20)
        app.router.add_route("*", "/{path:.*}", self._forward)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        self.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        async with ClientSession(cookie_jar=DummyCookieJar(), auto_decompress=True) as self._client:
            try:
                yield self
            finally:
                await runner.cleanup()

    async def _forward(self, request: web.Request) -> web.Response:
        call = f"{request.method} {request.path}"
        body = await request.read()
        headers = {name: value for name, value in request.headers.items() if name.lower() not in _HOP}
        await self._on_crossing(Crossing(self._service, call, "before"))
        async with self._client.request(
            request.method, f"{self._target}{request.path_qs}", data=body, headers=headers
        ) as answer:
            content = await answer.read()
            kept = {name: value for name, value in answer.headers.items() if name.lower() not in _HOP}
        await self._on_crossing(Crossing(self._service, call, "after"))
        return web.Response(status=answer.status, body=content, headers=kept)
