"""What several checks want to know of a service, asked in one place."""

import asyncio
from typing import Final

from openai import AsyncOpenAI

from agent.llm.trial import Trial, try_endpoint
from bot.cli.doctor.finding import Skip
from bot.settings import Settings
from bot.storage.place import embedded_data, open_postgres
from bot.storage.server_facts import ServerFacts, read_server_facts

LONGEST_TRIAL: Final = 40.0
"""Seconds: a model that thinks first, or one on a busy machine, is slow and well."""


async def ask_server(settings: Settings) -> ServerFacts:
    """The database that the settings name, or the embedded one, asked about itself.

    Raises StorageUnavailable, StorageMisconfigured or PostgresUnavailable; Skip for an embedded one that was never
    started.
    """
    if settings.database_url is not None:
        return await read_server_facts(settings.database_url.get_secret_value())
    data = await asyncio.to_thread(embedded_data, settings.state_dir)
    if not await asyncio.to_thread(data.is_dir):
        raise Skip(f"the embedded one is made at the first start, in {data.parent}")
    async with open_postgres(None, settings.state_dir) as uri:
        return await read_server_facts(uri)


async def ask_model(settings: Settings) -> Trial:
    """One small call. Raises Skip where no model is named."""
    if not settings.model_key and not settings.model_base_url:
        raise Skip("because OPENAI_API_KEY is not set")
    key = settings.model_key.get_secret_value() if settings.model_key else "none"
    # reads certificates and proxy settings from files: off the loop
    client = await asyncio.to_thread(lambda: AsyncOpenAI(api_key=key, base_url=settings.model_base_url))
    async with client:
        return await try_endpoint(client, settings.openai_model, timeout_seconds=LONGEST_TRIAL)
