"""`botctl local`: the stand-ins alone, for a daemon that is started by hand."""

import argparse
import asyncio
import shlex
import signal
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console

from bot.cli.engine import prepare_engine
from bot.cli.errors import CommandError
from bot.cli.stack import SERVICES, Service, Stack
from bot.logging import configure_logging
from bot.settings import Settings, load_settings

console = Console(highlight=False)


def parse_services(text: str) -> frozenset[Service]:
    """`slack,model` as services. CommandError names what is not one."""
    names = {part.strip() for part in text.split(",")}
    if unknown := names.difference(SERVICES):
        raise CommandError(f"--only knows {', '.join(SERVICES)}, not {', '.join(sorted(unknown))}.")
    return frozenset[Service](service for service in SERVICES if service in names)


async def local(options: argparse.Namespace) -> int:
    services = parse_services(options.only)
    settings = load_settings()
    configure_logging("warning")
    if "bigquery" in services:
        await prepare_engine(settings.cache_dir / "googlesql", Console(stderr=True))
    with TemporaryDirectory(prefix="botctl-") as folder:
        await _serve(settings, services, Path(folder), options)
    return 0


async def _serve(settings: Settings, services: frozenset[Service], folder: Path, options: argparse.Namespace) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with Stack(settings, folder) as stack:
        if "slack" in services:
            await stack.open_slack(options.port)
        if "model" in services:
            await stack.open_model(options.model)
        if "bigquery" in services:
            await stack.open_bigquery()
        for service, line in stack.lines.items():
            console.print(f"# {service}: {line}", soft_wrap=True)
        for name, value in stack.environ.items():
            console.print(f"export {name}={shlex.quote(value)}", soft_wrap=True, markup=False)
        await stop.wait()
