"""The health port, on loopback only: /livez, /readyz and /metrics, for systemd, a load balancer's agent, Prometheus.

Nothing here waits for a database or for Slack: what others have seen lately is what is told.
"""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import asynccontextmanager
from typing import Final, TypeAlias

from aiohttp import web

from bot.vitals import Vitals

HOST: Final = "127.0.0.1"
UNREADY: Final = 503
CLOSE_SECONDS: Final = 1.0
"""What is being told at the end may be told; nobody waits for more."""

Handler: TypeAlias = Callable[[web.Request], Awaitable[web.Response]]


class HealthPortTaken(Exception):
    """Somebody else listens there. The message is one sentence that names the setting."""


@asynccontextmanager
async def serve_health(
    port: int, read: Callable[[], Vitals], render: Callable[[], bytes], content_type: str
) -> AsyncGenerator[int]:
    """Serve until the block ends; the port, which is a free one for 0. *render* may block. Raises HealthPortTaken."""
    # A thread of its own: the loop's are all taken while many names are looked up of a network that is away.
    thread = ThreadPoolExecutor(1, thread_name_prefix="metrics")
    app = web.Application()
    app.add_routes(
        [
            web.get("/livez", _livez),
            web.get("/readyz", _readyz(read)),
            web.get("/metrics", _metrics(render, content_type, thread)),
        ]
    )
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=CLOSE_SECONDS)
    await runner.setup()
    try:
        site = web.TCPSite(runner, HOST, port)
        try:
            await site.start()
        except OSError as error:
            raise HealthPortTaken(f"HEALTH_PORT {port} cannot be opened: {error.strerror or error}.") from error
        yield runner.addresses[0][1]
    finally:
        await runner.cleanup()
        thread.shutdown(wait=False)


async def _livez(_: web.Request) -> web.Response:
    """That this is answered is the answer: the event loop turns."""
    return web.json_response({"live": True})


def _readyz(read: Callable[[], Vitals]) -> Handler:
    async def readyz(_: web.Request) -> web.Response:
        vitals = read()
        body = {"ready": vitals.is_ready, "checks": vitals.checks, "degraded": list(vitals.degraded)}
        return web.json_response(body, status=200 if vitals.is_ready else UNREADY)

    return readyz


def _metrics(render: Callable[[], bytes], content_type: str, thread: Executor) -> Handler:
    async def metrics(_: web.Request) -> web.Response:
        body = await asyncio.get_running_loop().run_in_executor(thread, render)
        return web.Response(body=body, headers={"Content-Type": content_type})

    return metrics
