"""sd_notify, against a socket that stands for systemd's."""

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.systemd import (
    extend_timeout,
    notify_ready,
    notify_status,
    notify_stopping,
    ping_watchdog,
    watchdog_seconds,
)


@pytest.fixture
def systemd(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[socket.socket]:
    monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind(str(tmp_path / "notify"))
        listening.settimeout(10)
        yield listening


def test_each_message_is_one_datagram(systemd: socket.socket) -> None:
    assert notify_ready("Connected")
    assert notify_status("2 running")
    assert notify_stopping("Draining", seconds=60)
    assert extend_timeout(30)
    assert ping_watchdog()
    assert [systemd.recv(4096).decode() for _ in range(5)] == [
        "READY=1\nSTATUS=Connected",
        "STATUS=2 running",
        "STOPPING=1\nSTATUS=Draining\nEXTEND_TIMEOUT_USEC=60000000",
        "EXTEND_TIMEOUT_USEC=30000000",
        "WATCHDOG=1",
    ]


def test_a_status_can_smuggle_in_no_field(systemd: socket.socket) -> None:
    notify_status("degraded: x\nREADY=1\r\nMAINPID=1")
    assert systemd.recv(4096).decode() == "STATUS=degraded: x READY=1 MAINPID=1"


def test_an_abstract_socket_is_reached(monkeypatch: pytest.MonkeyPatch) -> None:
    name = f"data-bolt-test-{os.getpid()}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind(f"\0{name}")
        listening.settimeout(10)
        monkeypatch.setenv("NOTIFY_SOCKET", f"@{name}")
        assert notify_ready("up")
        assert listening.recv(4096).startswith(b"READY=1")


@pytest.mark.parametrize("address", ["", "vsock:2:1234", "/nobody/listens"])
def test_nobody_to_tell_is_no_error(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NOTIFY_SOCKET", address)
    assert not notify_ready("up")


def test_a_systemd_that_does_not_read_is_not_waited_for(systemd: socket.socket) -> None:
    told = 0
    while ping_watchdog():  # until its queue is full: a socket that waits would hang here for ever
        told += 1
    assert told > 0
    systemd.recv(4096)
    assert ping_watchdog()


@pytest.mark.parametrize(
    ("environ", "seconds"),
    [
        ({}, None),
        ({"WATCHDOG_USEC": "0"}, None),
        ({"WATCHDOG_USEC": "soon"}, None),
        ({"WATCHDOG_USEC": "60000000"}, 60.0),
        ({"WATCHDOG_USEC": "60000000", "WATCHDOG_PID": str(os.getpid())}, 60.0),
        ({"WATCHDOG_USEC": "60000000", "WATCHDOG_PID": "1"}, None),
    ],
)
def test_the_watchdog_is_for_the_process_it_names(environ: dict[str, str], seconds: float | None) -> None:
    assert watchdog_seconds(environ) == seconds
