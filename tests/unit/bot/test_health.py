"""The health port: what it says of a daemon, and that nothing it says waits for anything."""

import asyncio
import json
import socket
import threading
from datetime import UTC, datetime

import aiohttp
import pytest

from bot.health import HOST, HealthPortTaken, serve_health
from bot.vitals import VitalSigns

NOW = datetime(2026, 1, 5, 9, tzinfo=UTC)


def well() -> VitalSigns:
    vitals = VitalSigns()
    vitals.connected_since, vitals.engine, vitals.database_is_up = (lambda: NOW), (lambda: "warm"), True
    return vitals


async def get(port: int, path: str) -> tuple[int, str, str]:
    async with aiohttp.ClientSession() as session, session.get(f"http://{HOST}:{port}{path}") as response:
        return response.status, response.content_type, await response.text()


async def test_a_daemon_is_ready_while_every_check_holds_and_says_which_does_not() -> None:
    vitals = well()
    async with serve_health(0, vitals.read, lambda: b"", "text/plain") as port:
        status, _, body = await get(port, "/readyz")
        assert (status, json.loads(body)["ready"]) == (200, True)
        for name, change in {
            "database": ("database_is_up", False),
            "slack": ("connected_since", lambda: None),
            "engine": ("engine", lambda: "warming"),
            "not_draining": ("is_draining", True),
        }.items():
            before = getattr(vitals, change[0])
            setattr(vitals, *change)
            status, _, body = await get(port, "/readyz")
            setattr(vitals, change[0], before)
            assert status == 503
            assert [check for check, holds in json.loads(body)["checks"].items() if not holds] == [name]
            assert (await get(port, "/livez"))[0] == 200
        vitals.engine = lambda: "unavailable"  # it answers all the same, and asks before each query
        assert (await get(port, "/readyz"))[0] == 200


async def test_metrics_are_what_is_rendered_and_nothing_else_is_there() -> None:
    async with serve_health(0, well().read, lambda: b"up 1\n", "text/plain; version=0.0.4") as port:
        assert await get(port, "/metrics") == (200, "text/plain", "up 1\n")
        assert (await get(port, "/"))[0] == 404


async def test_a_scrape_is_answered_while_every_thread_of_the_loop_is_taken() -> None:
    is_over = threading.Event()
    waiting = [asyncio.create_task(asyncio.to_thread(is_over.wait)) for _ in range(40)]  # more than there ever are
    try:
        async with serve_health(0, well().read, lambda: b"up 1\n", "text/plain") as port:
            async with asyncio.timeout(30):
                assert (await get(port, "/metrics"))[2] == "up 1\n"
            assert (await get(port, "/readyz"))[0] == 200
    finally:
        is_over.set()
        await asyncio.gather(*waiting)


async def test_a_port_that_somebody_has_is_named() -> None:
    with socket.socket() as taken:
        taken.bind((HOST, 0))
        taken.listen()
        with pytest.raises(HealthPortTaken, match=str(taken.getsockname()[1])):
            async with serve_health(taken.getsockname()[1], well().read, lambda: b"", "text/plain"):
                pass
