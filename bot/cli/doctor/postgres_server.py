"""The database that the settings name, or the embedded one, asked about itself."""

import asyncio

from bot.cli.doctor.finding import Skip
from bot.settings import Settings
from bot.storage.embedded import EmbeddedPostgres
from bot.storage.postgres_binaries import MAJOR
from bot.storage.server_facts import ServerFacts, read_server_facts


async def ask_server(settings: Settings) -> ServerFacts:
    """Raises StorageUnavailable or PostgresUnavailable; Skip for an embedded one that was never started."""
    if settings.database_url is not None:
        return await read_server_facts(settings.database_url.get_secret_value())
    postgres = await asyncio.to_thread(EmbeddedPostgres, settings.state_dir / "postgres")
    if not await asyncio.to_thread((postgres.base / f"data{MAJOR}").is_dir):
        raise Skip(f"the embedded one is made at the first start, in {postgres.base}")
    try:
        return await read_server_facts(await asyncio.to_thread(postgres.start))
    finally:
        await asyncio.to_thread(postgres.stop)
