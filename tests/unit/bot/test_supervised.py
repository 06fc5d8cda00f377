"""The order in which systemd hears of a start, against a socket that stands for systemd's."""

import asyncio
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.supervised import EXTENSION, StartExtension, keep_supervisor_informed
from bot.vitals import VitalSigns


@pytest.fixture
def systemd(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[socket.socket]:
    monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
    monkeypatch.setenv("WATCHDOG_USEC", "40000")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind(str(tmp_path / "notify"))
        listening.settimeout(30)
        yield listening


async def heard(systemd: socket.socket) -> str:
    return (await asyncio.to_thread(systemd.recv, 4096)).decode()


async def test_a_start_asks_for_time_before_it_does_anything_slow(systemd: socket.socket) -> None:
    async with StartExtension():
        assert await heard(systemd) == "STATUS=Starting"
        assert await heard(systemd) == f"EXTEND_TIMEOUT_USEC={int(EXTENSION * 1e6)}"


async def test_ready_comes_first_then_pings_until_the_end(systemd: socket.socket) -> None:
    informing = asyncio.create_task(keep_supervisor_informed(VitalSigns().read, lambda: None))
    try:
        assert (await heard(systemd)).startswith("READY=1\nSTATUS=Not connected to Slack")
        while (said := await heard(systemd)) != "WATCHDOG=1":
            assert said.startswith("STATUS=")
    finally:
        informing.cancel()
        await asyncio.gather(informing, return_exceptions=True)


async def test_an_end_before_the_start_and_a_second_one_harm_nobody() -> None:
    extension = StartExtension()
    await extension.end()
    async with extension:
        await extension.end()
