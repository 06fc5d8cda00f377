"""The database, for commands that only look: one that is not there is told, not made."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from bot.app import open_records
from bot.cli.errors import CommandError
from bot.logging import configure_logging
from bot.settings import Settings, load_settings
from bot.storage.database import Database
from bot.storage.place import embedded_folder


@asynccontextmanager
async def open_existing_records() -> AsyncGenerator[Database]:
    """Raises CommandError, ConfigurationError, StorageUnavailable."""
    settings = await asyncio.to_thread(_settings)
    configure_logging("warning")
    async with open_records(settings) as database:
        yield database


def _settings() -> Settings:
    settings = load_settings()
    # On a VM, who is not root has no DATABASE_URL: an empty database of their own would say that nothing ever happened.
    if settings.database_url is None and not embedded_folder(settings.state_dir).exists():
        raise CommandError(
            "There is no database to look at: DATABASE_URL is not set, and no embedded one was started yet."
            " Where Data Bolt is installed as a service, try it with sudo."
        )
    return settings
