"""Watches an item of the daemon's inbox from outside."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager

from bot.replies import Reply
from bot.settings import Settings
from bot.storage.database import Database, open_database
from bot.storage.embedded import EmbeddedPostgres
from bot.storage.item_status import status_of
from bot.storage.replies import PostgresReplies

_LOOK_SECONDS = 0.1


class ItemWatch:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def wait_until_finished(self, dedupe_key: str) -> str:
        """`done` or `buried`, however long that takes."""
        while (status := await status_of(self._database, dedupe_key)) not in ("done", "buried"):  # noqa: ASYNC110  # another process has it
            await asyncio.sleep(_LOOK_SECONDS)
        return status

    async def reply(self, dedupe_key: str) -> Reply | None:
        return await PostgresReplies(self._database).find(dedupe_key)


@asynccontextmanager
async def open_item_watch(settings: Settings) -> AsyncGenerator[ItemWatch]:
    """On the database of a daemon with these settings, which has made its tables."""
    async with AsyncExitStack() as stack:
        if settings.database_url:
            uri = settings.database_url.get_secret_value()
        else:
            postgres = await asyncio.to_thread(EmbeddedPostgres, settings.state_dir / "postgres")
            stack.push_async_callback(asyncio.to_thread, postgres.stop)
            uri = await asyncio.to_thread(postgres.start)
        yield ItemWatch(await stack.enter_async_context(open_database(uri, connections=1)))
