"""`botctl run`: the whole product on this machine, with stand-ins for what .env does not name."""

import argparse
import asyncio
import signal

from rich.console import Console

from bot.cli.daemon_process import CONFIGURATION_ERROR, DaemonProcess
from bot.cli.engine import COMPILING, is_engine_ready, prepare_engine
from bot.cli.errors import CommandError
from bot.cli.rehearsal import rehearse
from bot.cli.stack import Service, Stack, stand_ins_for
from bot.cli.state_file import AlreadyRunning, RunState, read_run_state, run_lock, write_run_state
from bot.cli.tasks import running_beside
from bot.logging import configure_logging
from bot.settings import Settings, load_settings

console = Console(stderr=True, highlight=False)


async def run(options: argparse.Namespace) -> int:
    settings = load_settings()
    configure_logging("warning")  # of the stand-ins; the daemon has its own
    try:
        with run_lock(settings.state_dir):
            return await _run(settings, options)
    except AlreadyRunning:
        state = read_run_state(settings.state_dir)
        where = f" at {state.page_url}" if state and state.page_url else ""
        raise CommandError(
            f"`botctl run` runs already{where}: stop it first, or set STATE_DIR to run a second."
        ) from None


async def _run(settings: Settings, options: argparse.Namespace) -> int:
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with (
        running_beside(stop.wait(), "stop-signal") as stopped,
        Stack(settings, settings.state_dir / "local") as stack,
    ):
        work = asyncio.create_task(_serve(settings, stack, options), name="serve")
        await asyncio.wait({work, stopped}, return_when=asyncio.FIRST_COMPLETED)
        if not work.done():
            console.print("Stopping: running turns are finished first ...")
            work.cancel()
        try:
            return await work
        except asyncio.CancelledError:
            return 0


async def _serve(settings: Settings, stack: Stack, options: argparse.Namespace) -> int:
    """The page first: it is what a person waits for. Then what takes longer, then the daemon."""
    services = stand_ins_for(settings, options.model)
    if "slack" in services:
        await stack.open_slack(options.port)
    if "model" in services:
        await stack.open_model(options.model, _tell)
    _introduce(settings, stack, services)
    if not await is_engine_ready(settings.cache_dir / "googlesql"):
        stack.tell_page("BigQuery", COMPILING)
        await prepare_engine(settings.cache_dir / "googlesql", console)
    if "bigquery" in services:
        await stack.open_bigquery()
    page_url = stack.workspace.page_url if stack.workspace else None
    write_run_state(settings.state_dir, RunState(environ=stack.environ, model=options.model, page_url=page_url))
    async with running_beside(rehearse(stack), "rehearsal"):
        code = await DaemonProcess(stack.environ).keep_running()
    if code == CONFIGURATION_ERROR:
        console.print("[red]The bot stays down until the setting above is mended.[/red]")
    return code


def _introduce(settings: Settings, stack: Stack, services: frozenset[Service]) -> None:
    console.print("[bold]Data Bolt[/bold]")
    named = {
        "Slack": "your workspace (SLACK_BOT_TOKEN)",
        "BigQuery": "local warehouse with a demo shop (BIGQUERY_PROJECT is not set)"
        if "bigquery" in services
        else f"project {settings.bigquery_project}",
        "Model": f"{settings.openai_model} at {settings.model_base_url or 'OpenAI'}",
        "Postgres": "your server (DATABASE_URL)" if settings.database_url else "embedded (DATABASE_URL is not set)",
    }
    for service, line in (named | stack.lines).items():
        console.print(f"  {service:<10}{line}", soft_wrap=True)
    if stack.workspace:
        console.print(f"\nOpen [bold]{stack.workspace.page_url}[/bold] and ask. Ctrl-C stops.\n", soft_wrap=True)


def _tell(text: str) -> None:
    console.print(f"[dim]Model: {text}[/dim]", soft_wrap=True)
