"""One booted machine for the whole session, on this machine's network: its services may be served by the tests."""

from collections.abc import Callable, Iterator

import pytest

from tests.systemd.machine import Machine, boot


@pytest.fixture(scope="session")
def machine() -> Iterator[Machine]:
    with boot(network="host", size="2g") as machine:
        yield machine


@pytest.fixture
def figure(capsys: pytest.CaptureFixture[str], request: pytest.FixtureRequest) -> Callable[[str], None]:
    """Print what was measured, also where output is captured: `figure("exposure 1.1")`."""

    def show(text: str) -> None:
        with capsys.disabled():
            print(f"\n  {request.node.name}: {text}", end="", flush=True)

    return show
