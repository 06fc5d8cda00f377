"""`botctl prepare`: what a release does once before its first start, so that no start waits for it."""

import argparse
import asyncio
from typing import Final

from rich.console import Console

from bot.settings import ConfigurationError, load_settings

PARTS: Final = ("engine", "schema")


def add_prepare_command(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "part",
        choices=PARTS,
        help="engine: compile Google's SQL engine into CACHE_DIR; schema: bring the tables of DATABASE_URL up to date",
    )
    parser.set_defaults(command=prepare)


async def prepare(options: argparse.Namespace) -> int:
    await (_prepare_engine() if options.part == "engine" else _prepare_schema())
    return 0


async def _prepare_engine() -> None:
    from bot.cli.engine import prepare_engine  # noqa: PLC0415

    await prepare_engine(load_settings().cache_dir / "googlesql", Console(stderr=True))


async def _prepare_schema() -> None:
    from bot.storage.migrations import migrate  # noqa: PLC0415

    database_url = load_settings().database_url
    if database_url is None:
        raise ConfigurationError("DATABASE_URL is not set: an embedded Postgres is brought up to date at each start.")
    await asyncio.to_thread(migrate, database_url.get_secret_value())
