"""One booted machine for the whole session, with Data Bolt installed and its services served by the tests.

It is on this machine's network: what the daemon there talks to is in this process, to be looked at and held up.
"""

from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.fakes.collector import FakeCollector
from tests.scenario.house import House, open_house
from tests.systemd.installed import DATABASE_URL, configure, install, use_free_health_port
from tests.systemd.machine import Machine, boot
from tests.systemd.service import Service

GOOGLE = "/etc/slack-bot/google.json"
OPS_CHANNEL = "C0SALES"
COLLECTOR_KEY = "a-key-of-the-collector"
OF_THE_TESTS = ("PATH", "HOME", "STATE_DIR", "CACHE_DIR", "DRAIN_SECONDS")
"""What the house says for a daemon beside it, and a unit says itself."""


@pytest.fixture(scope="session")
def machine() -> Iterator[Machine]:
    with boot(network="host", size="2g") as machine:
        yield machine


@pytest.fixture(scope="session")
def installed(machine: Machine, googlesql_cache: Path) -> Machine:
    """The units, the embedded Postgres running, the SQL engine compiled; no settings yet."""
    install(machine)
    for compiled in googlesql_cache.glob("*.cwasm"):
        machine.run("install", "-D", "-m600", compiled, f"/var/cache/private/slack-bot/googlesql/{compiled.name}")
    configure(machine, {"DATABASE_URL": DATABASE_URL})
    machine.start("slack-bot-postgres", verb="enable")
    machine.start("slack-bot-postgres")
    return machine


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def collector() -> AsyncIterator[FakeCollector]:
    async with FakeCollector().serving() as collector:
        yield collector


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def house(
    installed: Machine, collector: FakeCollector, tmp_path_factory: pytest.TempPathFactory, googlesql_cache: Path
) -> AsyncIterator[House]:
    """Slack, BigQuery and the model, and settings on the machine that lead there. The daemon is not started."""
    folder = tmp_path_factory.mktemp("house")
    async with open_house(folder, DATABASE_URL, googlesql_cache) as house:
        settings = {name: value for name, value in house.environ.items() if name not in OF_THE_TESTS}
        key = Path(settings["GOOGLE_APPLICATION_CREDENTIALS"]).read_text()
        installed.write(GOOGLE, key)
        settings |= {"GOOGLE_APPLICATION_CREDENTIALS": GOOGLE, "SLACK_OPS_CHANNEL": OPS_CHANNEL}
        settings |= {
            "OTEL_EXPORTER_OTLP_ENDPOINT": collector.url,
            "OTEL_EXPORTER_OTLP_HEADERS": f"x-key={COLLECTOR_KEY}",
        }
        configure(installed, settings)
        installed.start("slack-bot-secrets", verb="restart")
        yield house


@pytest.fixture(scope="session")
def daemon(installed: Machine) -> Service:
    """slack-bot.service."""
    unit = "slack-bot.service"
    return Service(installed, unit, use_free_health_port(installed, unit))


@pytest.fixture(scope="session")
def green(installed: Machine) -> Service:
    """slack-bot@green.service."""
    unit = "slack-bot@green.service"
    return Service(installed, unit, use_free_health_port(installed, unit))


@pytest_asyncio.fixture(loop_scope="session")
async def running(house: House, daemon: Service) -> Service:
    """slack-bot.service, started where it is not."""
    await daemon.systemctl("start")
    return daemon


@pytest.fixture
def figure(capsys: pytest.CaptureFixture[str], request: pytest.FixtureRequest) -> Callable[[str], None]:
    """Print what was measured, also where output is captured: `figure("exposure 1.1")`."""

    def show(text: str) -> None:
        with capsys.disabled():
            print(f"\n  {request.node.name}: {text}", end="", flush=True)

    return show
