"""Where the database is: the server that DATABASE_URL names, or the embedded one."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

from bot.storage.database import libpq_uri
from bot.storage.embedded import EmbeddedPostgres, keep_running
from bot.storage.embedded_base import base_for


@asynccontextmanager
async def open_postgres(url: str | None, state_dir: Path) -> AsyncGenerator[str]:
    """Its address as libpq takes it. The embedded one runs while the block does. Raises PostgresUnavailable."""
    if url is not None:
        yield libpq_uri(url)
        return
    postgres = await asyncio.to_thread(EmbeddedPostgres, _folder(state_dir))
    await asyncio.to_thread(postgres.start)
    kept = asyncio.create_task(keep_running(postgres), name="embedded-postgres")
    try:
        yield postgres.uri
    finally:
        kept.cancel()
        await asyncio.gather(kept, return_exceptions=True)
        await asyncio.to_thread(postgres.stop)


def embedded_data(state_dir: Path) -> Path:
    """The embedded one's; nothing is there before its first start. Blocking; raises PostgresUnavailable."""
    return base_for(_folder(state_dir)).data


def _folder(state_dir: Path) -> Path:
    return state_dir / "postgres"
