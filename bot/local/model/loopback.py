"""Serves an aiohttp application on this machine's loopback address, and nowhere else."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from aiohttp import web

HOST = "127.0.0.1"


@asynccontextmanager
async def on_loopback(app: web.Application, port: int = 0) -> AsyncGenerator[str]:
    """Yields the address (`http://127.0.0.1:PORT`); port 0 takes a free one.

    Requests still open at the end are cancelled: a model may be minutes away from its answer.
    """
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0, handler_cancellation=True)
    await runner.setup()
    try:
        site = web.TCPSite(runner, HOST, port)
        await site.start()
        yield f"http://{HOST}:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()
