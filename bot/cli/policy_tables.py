"""The tables that a policy is tried out on: described by the warehouse of the settings, else the demo shop's."""

import asyncio

from agent.bigquery.client import BigQueryWarehouse
from agent.bigquery.warehouse import TableInfo
from agent.catalog.schema_store import SchemaStore
from agent.policy.grants import AccessPolicy
from bot.cli.policy_desk import demo_tables
from bot.cli.stack import DEMO_PROJECT
from bot.settings import Settings


def project_of(settings: Settings) -> str:
    return settings.bigquery_project or DEMO_PROJECT


async def tables_for(settings: Settings, policy: AccessPolicy, project: str) -> tuple[TableInfo, ...]:
    """Raises WarehouseError where the warehouse that is named does not answer."""
    if not settings.bigquery_project:
        return await asyncio.to_thread(demo_tables)
    opened = BigQueryWarehouse.open(
        project,
        settings.bigquery_location,
        api_endpoint=settings.bigquery_api_endpoint,
        credentials_path=settings.google_application_credentials,
    )
    async with opened as warehouse:
        return await SchemaStore(warehouse, policy.datasets).tables()
