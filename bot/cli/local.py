"""`botctl local`: the stand-ins alone, for a daemon that is started by hand."""

import argparse
import asyncio
import shlex
import signal

from rich.console import Console

from bot.cli.engine import prepare_engine
from bot.cli.errors import CommandError
from bot.cli.stack import SERVICES, Service, open_stack
from bot.settings import load_settings

console = Console(highlight=False)


def parse_services(text: str) -> frozenset[Service]:
    """`slack,model` as services. CommandError names what is not one."""
    chosen: set[Service] = set()
    for name in (part.strip() for part in text.split(",")):
        known = [service for service in SERVICES if service == name]
        if not known:
            raise CommandError(f"--only knows {', '.join(SERVICES)}, not '{name}'.")
        chosen.update(known)
    return frozenset(chosen)


async def local(options: argparse.Namespace) -> int:
    services = parse_services(options.only)
    settings = load_settings()
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    if "bigquery" in services:
        await prepare_engine(settings.cache_dir / "googlesql", Console(stderr=True))
    async with open_stack(settings, services, model=options.model, port=options.port) as stack:
        for service, line in stack.lines:
            console.print(f"# {service}: {line}", soft_wrap=True)
        for name, value in stack.environ.items():
            console.print(f"export {name}={shlex.quote(value)}", soft_wrap=True, markup=False)
        await stop.wait()
    return 0
