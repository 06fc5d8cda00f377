"""Whether some instance says that it is ready, asked all the time at the health ports of the machine's units."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Final

import aiohttp

PORTS: Final = {"slack-bot.service": 19464, "slack-bot@green.service": 19466}
"""Other ones than in the units: a daemon of this machine may have those."""
READY: Final = "says 200"
PAUSE_SECONDS: Final = 0.05
SLOWEST_SECONDS: Final = 20.0
"""A machine that is busy with other things answers late; that is not the question here."""


@dataclass
class Readiness:
    looks: int = 0
    not_ready: list[str] = field(default_factory=list[str])
    """What the instances said at looks at which none was ready."""


def drop_in(port: int) -> str:
    return f"[Service]\nEnvironment=HEALTH_PORT={port}\nSocketBindAllow=ipv4:tcp:{port}\n"


@asynccontextmanager
async def watched_readiness() -> AsyncGenerator[Readiness]:
    """While the block lasts."""
    readiness = Readiness()
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=SLOWEST_SECONDS)) as session:
        watching = asyncio.create_task(_watch(session, readiness), name="readiness")
        try:
            yield readiness
        finally:
            watching.cancel()
            await asyncio.gather(watching, return_exceptions=True)


async def _watch(session: aiohttp.ClientSession, readiness: Readiness) -> None:
    while True:
        said = await _look(session)
        if READY not in said:
            # They are not seen at one moment: one may have become ready behind our back before the other ceased to be.
            said = await _look(session)
        if READY not in said:
            readiness.not_ready.append(said)
        readiness.looks += 1
        await asyncio.sleep(PAUSE_SECONDS)


async def _look(session: aiohttp.ClientSession) -> str:
    return ", ".join(await asyncio.gather(*(_ask(session, unit, port) for unit, port in PORTS.items())))


async def _ask(session: aiohttp.ClientSession, unit: str, port: int) -> str:
    try:
        async with session.get(f"http://127.0.0.1:{port}/readyz") as answer:
            return f"{unit} says {answer.status}: {(await answer.text())[:300]}"
    except (aiohttp.ClientError, TimeoutError) as error:
        return f"{unit} says nothing: {error!r}"
