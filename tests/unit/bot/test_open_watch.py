"""The health port as it is opened."""

import socket
from contextlib import AsyncExitStack
from pathlib import Path

import aiohttp
import pytest
from structlog.testing import capture_logs

from bot.health import HOST
from bot.open_watch import open_meters
from bot.settings import Settings
from bot.vitals import VitalSigns


@pytest.fixture
def port() -> int:
    """A free one."""
    with socket.socket() as free:
        free.bind((HOST, 0))
        return free.getsockname()[1]


@pytest.fixture
def settings(port: int, tmp_path: Path) -> Settings:
    return Settings(health_port=port, state_dir=tmp_path, cache_dir=tmp_path, _env_file=None)  # type: ignore[call-arg]


async def test_a_daemon_that_still_starts_is_alive_and_not_ready(settings: Settings, port: int) -> None:
    async with AsyncExitStack() as stack, aiohttp.ClientSession() as session:
        await open_meters(stack, settings, VitalSigns())
        for path, status in (("livez", 200), ("readyz", 503), ("metrics", 200)):
            async with session.get(f"http://{HOST}:{port}/{path}") as response:
                assert (path, response.status) == (path, status)


async def test_a_port_that_somebody_has_is_told_and_keeps_nobody_from_their_answer(
    settings: Settings, port: int
) -> None:
    with socket.socket() as taken, capture_logs() as logs:
        taken.bind((HOST, port))
        taken.listen()
        async with AsyncExitStack() as stack:
            await open_meters(stack, settings, VitalSigns())
    (told,) = [line for line in logs if line["event"] == "health.port_taken"]
    assert str(port) in told["reason"]
