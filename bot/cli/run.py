"""`botctl run`: the whole product on this machine, with stand-ins for what .env does not name."""

import argparse
import asyncio
import signal

from rich.console import Console

from bot.cli.daemon_process import CONFIGURATION_ERROR, DaemonProcess
from bot.cli.engine import prepare_engine
from bot.cli.errors import CommandError
from bot.cli.stack import Stack, open_stack, stand_ins_for
from bot.cli.state_file import AlreadyRunning, RunState, read_run_state, run_lock, write_run_state
from bot.settings import Settings, load_settings

console = Console(stderr=True, highlight=False)


async def run(options: argparse.Namespace) -> int:
    settings = load_settings()
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
    services = stand_ins_for(settings, options.model)
    stopped = asyncio.create_task(stop.wait(), name="stop-signal")
    async with open_stack(settings, services, model=options.model, port=options.port) as stack:
        work = asyncio.create_task(_serve(settings, stack), name="serve")
        await asyncio.wait({work, stopped}, return_when=asyncio.FIRST_COMPLETED)
        stopped.cancel()
        if not work.done():
            console.print("Stopping: running turns are finished first ...")
            work.cancel()
        try:
            return await work
        except asyncio.CancelledError:
            return 0


async def _serve(settings: Settings, stack: Stack) -> int:
    _introduce(settings, stack)
    await prepare_engine(settings.cache_dir / "googlesql", console)
    daemon = DaemonProcess(stack.environ)
    workspace = stack.workspace
    write_run_state(
        settings.state_dir,
        RunState(
            environ=stack.environ,
            page_url=workspace.page_url if workspace else None,
            workspace_url=workspace.url if workspace else None,
        ),
    )
    code = await daemon.keep_running()
    if code == CONFIGURATION_ERROR:
        console.print("[red]The bot stays down until the setting above is mended.[/red]")
    return code


def _introduce(settings: Settings, stack: Stack) -> None:
    console.print("[bold]Data Bolt[/bold]")
    named = {
        "Slack": "your workspace (SLACK_BOT_TOKEN)",
        "BigQuery": f"project {settings.bigquery_project}",
        "Model": f"{settings.openai_model} at {settings.openai_base_url or 'OpenAI'}",
        "Postgres": "your server (DATABASE_URL)" if settings.database_url else "embedded (DATABASE_URL is not set)",
    }
    for service, line in (named | dict(stack.lines)).items():
        console.print(f"  {service:<10}{line}", soft_wrap=True)
    if stack.workspace:
        stack.workspace.banner = [{"level": "info", "text": f"{service}: {line}"} for service, line in stack.lines]
        console.print(f"\nOpen [bold]{stack.workspace.page_url}[/bold] and ask. Ctrl-C stops.\n", soft_wrap=True)
