"""What every test gets: no network but loopback, no blocked event loop, extra tools skipped with a reason."""

import os
import shutil
import signal
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import structlog
from blockbuster import BlockBuster

CHECKS = Path(__file__).parents[1] / ".venv/checks/bin"
"""Tools that look at deploy/ec2, from deploy/requirements-checks.lock."""
TOOLS = {
    "chromium": ("chromium", "chromium-browser", "google-chrome"),
    "node": ("node",),
    "promtool": ("promtool",),
    "systemd": ("systemd-nspawn",),
    "cfn-lint": (str(CHECKS / "cfn-lint"),),
    "cloud-init": ("cloud-init",),
    "shellcheck": ("shellcheck",),
    "zsh": ("zsh",),
    "fish": ("fish",),
}
BY_INVITATION = ("systemd",)
"""They boot machines and need root: never in passing."""

os.environ.setdefault("LANGSMITH_TRACING", "false")
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # `pytest &` of a script: every child would ignore it, too
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if os.environ.get("DATA_BOLT_EXTRA"):  # with it each test runs, and fails where its tool is missing
        return
    for item in items:
        for mark in item.iter_markers("extra"):
            tool = mark.args[0]
            if tool in BY_INVITATION:
                item.add_marker(pytest.mark.skip(reason=f"`make test-{tool}` runs it"))
            elif not any(shutil.which(name) for name in TOOLS[tool]):
                item.add_marker(pytest.mark.skip(reason=f"{tool} is not installed; `make test-extra` installs it"))


@pytest.fixture(autouse=True)
def _only_loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test that reaches for the network is a defect of the test."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> None:
        if self.family in (socket.AF_INET, socket.AF_INET6) and address[0] not in ("127.0.0.1", "::1", "localhost"):
            raise AssertionError(f"a test tried to reach {address}")
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", guarded)


@pytest.fixture(autouse=True)
def _no_blocked_loop() -> Iterator[None]:
    """A blocking call made by our code on the event loop raises BlockingError there."""
    with_loop = BlockBuster(scanned_modules=["bot", "agent"])
    with_loop.activate()
    yield
    with_loop.deactivate()


@pytest.fixture(autouse=True)
def _captured_logs() -> Iterator[None]:
    """A renderer would read source files for a traceback, on the event loop. What a command configures ends with it."""
    before = structlog.get_config()
    with structlog.testing.capture_logs():
        yield
    structlog.configure(**before)


@pytest.fixture(scope="session")
def googlesql_cache() -> Path:
    """The compiled SQL engine is shared by all tests of this user: compiling it takes a minute."""
    base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return base / "data-bolt" / "googlesql"
