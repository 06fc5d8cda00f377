"""Whether some instance says that it is ready, asked all the time at the health ports of the machine's units."""

import asyncio
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

import aiohttp

PORTS: Final = {"slack-bot.service": 19464, "slack-bot@green.service": 19466}
"""Other ones than in the units: a daemon of this machine may have those."""
PAUSE_SECONDS: Final = 0.05


@dataclass
class Readiness:
    looks: int = 0
    longest_gap: float = 0.0
    """Seconds between two looks that found an instance ready."""


def drop_in(port: int) -> str:
    return f"[Service]\nEnvironment=HEALTH_PORT={port}\nSocketBindAllow=ipv4:tcp:{port}\n"


@asynccontextmanager
async def watched_readiness() -> AsyncGenerator[Readiness]:
    """While the block lasts."""
    readiness = Readiness()
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=1)) as session:
        watching = asyncio.create_task(_watch(session, readiness), name="readiness")
        try:
            yield readiness
        finally:
            watching.cancel()
            await asyncio.gather(watching, return_exceptions=True)


async def _watch(session: aiohttp.ClientSession, readiness: Readiness) -> None:
    last = time.monotonic()
    while True:
        answers = await asyncio.gather(*(_is_ready(session, port) for port in PORTS.values()))
        readiness.looks += 1
        if any(answers):
            last = time.monotonic()
        else:
            readiness.longest_gap = max(readiness.longest_gap, time.monotonic() - last)
        await asyncio.sleep(PAUSE_SECONDS)


async def _is_ready(session: aiohttp.ClientSession, port: int) -> bool:
    try:
        async with session.get(f"http://127.0.0.1:{port}/readyz") as answer:
            return answer.status == 200
    except (aiohttp.ClientError, TimeoutError):
        return False
