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
from bot.open_analyst import open_engine, open_savers, open_services, open_warehouse
from bot.settings import ConfigurationError, Settings
from bot.storage.database import Database, StorageMisconfigured, open_database
from bot.storage.fitness import connections_of_a_daemon, pooled_connections, refuse_unfit_server
from bot.storage.migrations import migrate
from bot.storage.place import open_postgres
from bot.tracing.tracing import Tracing


@dataclass(frozen=True, slots=True)
class Core:
    database: Database
    engine: EngineThread
    warehouse: Warehouse
    services: Services
    analyst: Analyst


async def open_core(stack: AsyncExitStack, settings: Settings, meters: Meters, traces: Tracing) -> Core:
    database = await open_storage(stack, settings)
    engine = await open_engine(stack, settings)
    policy = await asyncio.to_thread(access_policy, settings)
    warehouse = meters.warehouse(traces.warehouse(await open_warehouse(stack, settings)))
    services = await open_services(
        stack,
        settings,
        database=database,
        engine=engine,
        warehouse=warehouse,
        policy=policy,
        meters=meters,
        traces=traces,
    )
    savers = await open_savers(stack, settings, database, meters, traces)
    analyst = Analyst(services, savers, around_node=traces.node)
    return Core(database, engine, warehouse, services, analyst)


async def open_storage(stack: AsyncExitStack, settings: Settings) -> Database:
    """Its schema up to date. Raises ConfigurationError, StorageUnavailable or PostgresUnavailable."""
    url = settings.database_url
    opening = open_postgres(None if url is None else url.get_secret_value(), settings.state_dir)
    uri = await stack.enter_async_context(opening)
    wanted = connections_of_a_daemon(
        settings.workers, keeps_checkpoints=settings.langgraph_checkpoint_backend == "postgres"
    )
    try:
        await refuse_unfit_server(uri, wanted=wanted)
        await asyncio.to_thread(migrate, uri)
    except StorageMisconfigured as error:
        raise ConfigurationError(str(error)) from None
    return await stack.enter_async_context(open_database(uri, connections=pooled_connections(settings.workers)))
