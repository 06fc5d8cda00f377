"""What `simulate` and `evals` run in: the services of a running `botctl run`, else stand-ins for this one command."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from rich.console import Console

from bot.cli.daemon_process import DaemonProcess
from bot.cli.engine import prepare_engine
from bot.cli.stack import ModelChoice, Service, Stack, stand_ins_for
from bot.cli.state_file import RunState, is_run_alive, read_run_state
from bot.cli.tasks import running_beside
from bot.settings import Settings, load_settings

SLACK: Final[frozenset[Service]] = frozenset[Service](["slack"])
_LOOK_SECONDS: Final = 0.2
err = Console(stderr=True, highlight=False)


@dataclass(frozen=True, slots=True)
class World:
    settings: Settings
    """Leads to the services, whoever started them."""
    page_url: str | None
    """Of the workspace, when there is one."""


@asynccontextmanager
async def open_world(model: ModelChoice) -> AsyncGenerator[World]:
    """Enough to ask the analyst directly; no Slack."""
    settings = load_settings()
    if state := await _running(settings, model):
        yield World(_led_by(state.environ), state.page_url)
        return
    services = stand_ins_for(settings, model) - SLACK
    with TemporaryDirectory(prefix="botctl-") as folder:
        async with _stand_ins(settings, services, Path(folder), model) as environ:
            yield World(_led_by(environ), None)


@asynccontextmanager
async def open_world_with_daemon(model: ModelChoice) -> AsyncGenerator[World]:
    """A local workspace and a daemon connected to it, always: never a Slack that .env names.

    What is started for this command keeps its state in a folder of its own: in a shared database a daemon of
    somebody's real workspace could take the question up.
    """
    settings = load_settings()
    state = await _running(settings, model)
    if state and state.page_url:
        yield World(_led_by(state.environ), state.page_url)
        return
    with TemporaryDirectory(prefix="botctl-") as folder:
        # root's Postgres runs as another account, which has to pass through; what is secret in there is 0600
        await asyncio.to_thread(Path(folder).chmod, 0o711)
        settings = settings.model_copy(update={"state_dir": Path(folder), "database_url": None})
        services = stand_ins_for(settings, model) | SLACK
        own = {"STATE_DIR": folder, "DATABASE_URL": "", "LOG_LEVEL": "debug"}  # who asks this way wants to see it all
        async with (
            _stand_ins(settings, services, Path(folder), model) as environ,
            running_beside(DaemonProcess(environ | own).keep_running(), "daemon"),
        ):
            yield World(_led_by(environ | own), environ["SLACK_API_URL"].removesuffix("api/"))


async def _running(settings: Settings, model: ModelChoice) -> RunState | None:
    """The `botctl run` of this state folder if it suits; one that is just starting is waited for."""
    state = read_run_state(settings.state_dir)
    if state is None and is_run_alive(settings.state_dir):
        err.print("# `botctl run` is starting: waiting for it", soft_wrap=True)
        while state is None and is_run_alive(settings.state_dir):
            await asyncio.sleep(_LOOK_SECONDS)
            state = read_run_state(settings.state_dir)
    return state if state and model in ("auto", state.model) else None


@asynccontextmanager
async def _stand_ins(
    settings: Settings, services: frozenset[Service], folder: Path, model: ModelChoice
) -> AsyncGenerator[dict[str, str]]:
    await prepare_engine(settings.cache_dir / "googlesql", err)
    async with Stack(settings, folder) as stack:
        if "slack" in services:
            await stack.open_slack()
        if "model" in services:
            await stack.open_model(model, _tell)
        if "bigquery" in services:
            await stack.open_bigquery()
        await stack.model_is_ready()
        yield stack.environ


def _led_by(environ: dict[str, str]) -> Settings:
    """The settings of this process with *environ* laid over them."""
    return load_settings(**{name.lower(): value for name, value in environ.items()})


def _tell(text: str) -> None:
    err.print(f"# {text}", soft_wrap=True)
