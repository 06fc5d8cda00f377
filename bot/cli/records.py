"""The database, for commands that need what is in it: one that is not there is told, not made."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from bot.app import open_records
from bot.cli.errors import CommandError
from bot.logging import configure_logging
from bot.settings import Settings
from bot.storage.database import Database
from bot.storage.place import embedded_data


@asynccontextmanager
async def open_existing_records(settings: Settings) -> AsyncGenerator[Database]:
    """Raises CommandError, PostgresUnavailable, StorageUnavailable."""
    await asyncio.to_thread(require_database, settings)
    configure_logging("warning")
    async with open_records(settings) as database:
        yield database


def require_database(settings: Settings) -> None:
    """Blocking. Raises CommandError where there is none yet.

    On a VM, who is not root has no DATABASE_URL: an empty database of their own would say that nothing ever happened,
    keep budgets that hold nobody, and be backed up.
    """
    if settings.database_url is None and not embedded_data(settings.state_dir).is_dir():
        raise CommandError(
            "There is no database yet: DATABASE_URL is not set, and the embedded one is made when the bot first starts."
            " Where Data Bolt is installed as a service, try it with sudo."
        )
