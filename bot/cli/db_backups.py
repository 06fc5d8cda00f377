"""`botctl db backup`, `restore` and `kept`."""

import argparse
import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot.cli.errors import CommandError
from bot.cli.records import require_database
from bot.i18n.numbers import bytes_text
from bot.logging import configure_logging
from bot.settings import Settings, load_settings
from bot.storage.backups import Backups
from bot.storage.place import open_postgres
from bot.storage.restore import restore_backup
from bot.storage.swap import Neighbours


async def db_backup(options: argparse.Namespace) -> int:
    settings = await asyncio.to_thread(_settings)
    backups = Backups(_folder(options, settings))
    async with open_database_of(settings) as uri:
        made = await asyncio.to_thread(backups.make, uri, _now())
    print(f"{made.path}: {bytes_text(made.size)}, read back to its last byte")
    removed = await asyncio.to_thread(backups.thin_out, _now(), timedelta(days=options.keep_days))
    for backup in removed:
        print(f"{backup.path}: removed, older than {options.keep_days} days")
    return 0


async def db_restore(options: argparse.Namespace) -> int:
    settings = await asyncio.to_thread(_settings)
    file = await asyncio.to_thread(_file, options, settings)
    async with open_database_of(settings, may_be_new=True) as uri:  # the machine may be
        restored = await asyncio.to_thread(restore_backup, uri, file, _now())
    print(f"{restored.database}: as {file.name} has it")
    print(f"{restored.kept}: what was there before, for you to keep or drop:")
    print(f"  botctl db kept --use {restored.kept}   # go back to it (the daemon stopped)")
    print(f"  botctl db kept --drop {restored.kept}")
    print("Now start the daemon: systemctl start slack-bot")
    return 0


async def db_kept(options: argparse.Namespace) -> int:
    settings = await asyncio.to_thread(_settings)
    async with open_database_of(settings) as uri:
        neighbours = Neighbours(uri)
        if options.use is not None:
            await asyncio.to_thread(neighbours.check_kept, options.use)
            await asyncio.to_thread(neighbours.refuse_if_used)
            kept = await asyncio.to_thread(neighbours.put_in_place, options.use, _now())
            print(f"{neighbours.name}: as {options.use} had it\n{kept}: what was there before")
        elif options.drop is not None:
            await asyncio.to_thread(neighbours.check_kept, options.drop)
            await asyncio.to_thread(neighbours.drop, options.drop)
            print(f"{options.drop}: removed")
        else:
            for kept in await asyncio.to_thread(neighbours.kept):
                print(f"{kept.name}: {bytes_text(kept.size)}")
    return 0


@asynccontextmanager
async def open_database_of(settings: Settings, *, may_be_new: bool = False) -> AsyncGenerator[str]:
    """The address of the daemon's database, as libpq takes it. Raises CommandError where there is none yet."""
    if not may_be_new:
        await asyncio.to_thread(require_database, settings)
    url = settings.database_url
    async with open_postgres(None if url is None else url.get_secret_value(), settings.state_dir) as uri:
        yield uri


def _settings() -> Settings:
    configure_logging("warning")
    return load_settings()


def _folder(options: argparse.Namespace, settings: Settings) -> Path:
    folder: Path = options.folder or settings.state_dir / "backups"
    return folder


def _file(options: argparse.Namespace, settings: Settings) -> Path:
    """Which backup is meant."""
    file: Path = options.file or _newest(_folder(options, settings))
    if not file.is_file():
        raise CommandError(f"There is no file {file}.")
    return file


def _newest(folder: Path) -> Path:
    backups = Backups(folder).all()
    if not backups:
        raise CommandError(f"There is no backup in {folder}: name the file, or its folder with --from.")
    return backups[-1].path


def _now() -> datetime:
    return datetime.now(UTC)
