"""A second instance beside the first: no moment without one that is ready, and every question answered once."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass

import aiohttp
import pytest

from tests.scenario.house import House
from tests.systemd.service import Service

pytestmark = [pytest.mark.extra("systemd"), pytest.mark.asyncio(loop_scope="session")]

QUESTION = "How many orders were placed in 2025?"
ANSWER = "2,442"


@dataclass
class Watch:
    looks: int = 0
    longest_gap: float = 0.0


async def test_a_restart_bridged_by_green_leaves_no_moment_unready(
    house: House, running: Service, green: Service, figure: Callable[[str], None]
) -> None:
    await house.until(lambda: house.workspace.sockets == 1)
    watch = Watch()
    watching = asyncio.create_task(_watch(watch, running, green))
    jobs = len(house.billed_jobs)
    began = time.monotonic()
    asked = [await house.ask(QUESTION)]
    await green.systemctl("start")
    asked.append(await house.ask(QUESTION))
    await running.systemctl("restart")
    asked.append(await house.ask(QUESTION))
    await green.systemctl("stop")
    asked.append(await house.ask(QUESTION))
    took = time.monotonic() - began
    for ts in asked:
        (answer,) = await house.answered(ts)
        assert ANSWER in answer["text"]
    watching.cancel()
    await asyncio.gather(watching, return_exceptions=True)
    figure(f"{watch.longest_gap:.2f} s without a ready instance in {took:.1f} s, looked at {watch.looks} times")
    assert watch.looks > 10
    assert watch.longest_gap == 0
    assert len(house.billed_jobs) == jobs + len(asked)


async def _watch(watch: Watch, *instances: Service) -> None:
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=30)) as session:
        unready_since: float | None = None
        while True:
            # They are not seen at one moment: one may get ready behind our back before the other ceases to be.
            is_ready = await _any_ready(session, instances) or await _any_ready(session, instances)
            watch.looks += 1
            now = time.monotonic()
            unready_since = None if is_ready else (unready_since or now)
            if unready_since is not None:
                watch.longest_gap = max(watch.longest_gap, now - unready_since, 0.001)
            await asyncio.sleep(0.02)


async def _any_ready(session: aiohttp.ClientSession, instances: tuple[Service, ...]) -> bool:
    return any(await asyncio.gather(*(instance.is_ready(session) for instance in instances)))
