"""What answers, whoever asks: storage, the SQL engine, BigQuery, the analyst. The daemon and botctl open the same."""

import asyncio
from contextlib import AsyncExitStack
from dataclasses import dataclass

from agent.analyst import Analyst
from agent.bigquery.warehouse import Warehouse
from agent.context import Services
from agent.sql.googlesql.thread import EngineThread
from bot.agent_settings import access_policy
from bot.metrics.meters import Meters
from bot.open_analyst import keep, open_engine, open_savers, open_services, open_warehouse
from bot.settings import Settings
from bot.storage.database import Database, open_database
from bot.storage.embedded import EmbeddedPostgres, keep_running
from bot.storage.migrations import migrate


@dataclass(frozen=True, slots=True)
class Core:
    database: Database
    engine: EngineThread
    warehouse: Warehouse
    services: Services
    analyst: Analyst


async def open_core(stack: AsyncExitStack, settings: Settings, meters: Meters) -> Core:
    database = await open_storage(stack, settings)
    engine = await open_engine(stack, settings)
    policy = await asyncio.to_thread(access_policy, settings)
    warehouse = meters.warehouse(await open_warehouse(stack, settings))
    services = await open_services(
        stack, settings, database=database, engine=engine, warehouse=warehouse, policy=policy, meters=meters
    )
    analyst = Analyst(services, await open_savers(stack, settings, database, meters))
    return Core(database, engine, warehouse, services, analyst)


async def open_storage(stack: AsyncExitStack, settings: Settings) -> Database:
    if settings.database_url is not None:
        uri = settings.database_url.get_secret_value()
    else:
        postgres = await asyncio.to_thread(EmbeddedPostgres, settings.state_dir / "postgres")
        stack.push_async_callback(asyncio.to_thread, postgres.stop)
        uri = await asyncio.to_thread(postgres.start)
        keep(stack, "embedded-postgres", keep_running(postgres))
    await asyncio.to_thread(migrate, uri)
    return await stack.enter_async_context(open_database(uri, connections=settings.workers + 6))
