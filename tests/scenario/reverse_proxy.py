"""A reverse proxy on loopback, which passes on what it is asked; what else it does, its kinds say."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Self

from aiohttp import ClientSession, DummyCookieJar, web

_HOP = {"host", "content-length", "transfer-encoding", "connection", "content-encoding"}


class ReverseProxy:
    """Proxies 127.0.0.1:<own port> to *target*; `url` is where callers go."""

    def __init__(self, target: str) -> None:
        self._target = target.rstrip("/")
        self.url = ""

    @asynccontextmanager
    async def serving(self) -> AsyncGenerator[Self]:
        app = web.Application(client_max_size=64 * 2**20)
        app.router.add_route("*", "/{path:.*}", self.answer)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        async with ClientSession(cookie_jar=DummyCookieJar()) as self._client:
            try:
                yield self
            finally:
                await runner.cleanup()

    async def answer(self, request: web.Request) -> web.Response:
        return await self.pass_on(request)

    async def pass_on(self, request: web.Request) -> web.Response:
        """What *target* answers."""
        headers = {name: value for name, value in request.headers.items() if name.lower() not in _HOP}
        url, body = f"{self._target}{request.raw_path}", await request.read()
        async with self._client.request(request.method, url, data=body, headers=headers) as answer:
            content = await answer.read()
            kept = {name: value for name, value in answer.headers.items() if name.lower() not in _HOP}
        return web.Response(status=answer.status, body=content, headers=kept)
