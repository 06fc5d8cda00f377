"""The analyst with all that it stands on: each function opens one part, and the stack closes it again."""

import asyncio
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from openai import AsyncOpenAI

from agent.analyst import Savers
from agent.bigquery.client import BigQueryWarehouse
from agent.bigquery.warehouse import Warehouse
from agent.cashier import Cashier
from agent.catalog.schema_store import SchemaStore
from agent.context import Services
from agent.errors import AccessDenied
from agent.llm.model import Model
from agent.llm.openai import OpenAIModel
from agent.model_till import ModelTill
from agent.observe_policy import PolicyObserver
from agent.policy.access import NoRights
from agent.policy.access_control import AccessControl
from agent.policy.policy_source import FixedPolicy, PolicyFile
from agent.policy.version import CurrentVersion
from agent.query import QueryRunner
from agent.query_access import StatementJudge
from agent.result_cache import ResultCache
from agent.sql.analysis import OfflineAnalysis
from agent.sql.columns import ColumnReader
from agent.sql.gate import Gate
from agent.sql.googlesql.thread import EngineThread
from agent.sql.repeatable import RepeatableReader
from agent.sql.rules import GateRules
from bot.agent_settings import (
    agent_options,
    longest_job,
    observed_policy,
    price,
    query_policy,
    token_price,
)
from bot.collect_bills import keep_collecting
from bot.kept_work import keep
from bot.metrics.meters import Meters
from bot.settings import ConfigurationError, Settings
from bot.storage.approvals import PostgresApprovals
from bot.storage.audit import PostgresAudit
from bot.storage.budgets import PostgresBudgets
from bot.storage.checkpoint_backend import CheckpointChoice, open_checkpoints
from bot.storage.database import Database, StorageMisconfigured
from bot.storage.kept_runs import PostgresKeptRuns
from bot.storage.results import PostgresResults
from bot.tracing.tracing import Tracing


async def open_engine(stack: AsyncExitStack, settings: Settings) -> EngineThread:
    engine = EngineThread(settings.cache_dir / "googlesql")
    await stack.enter_async_context(engine)
    return engine


async def open_warehouse(stack: AsyncExitStack, settings: Settings) -> BigQueryWarehouse:
    project = settings.bigquery_project
    assert project is not None, "require_agent_settings has looked"
    opening = BigQueryWarehouse.open(
        project,
        settings.bigquery_location,
        api_endpoint=settings.bigquery_api_endpoint,
        credentials_path=settings.google_application_credentials,
    )
    try:
        return await stack.enter_async_context(opening)
    except AccessDenied as error:  # opening asks BigQuery nothing yet: it is the credentials that are wrong or missing
        what = error.detail.rstrip(".")
        raise ConfigurationError(f"GOOGLE_APPLICATION_CREDENTIALS gives no usable credentials: {what}.") from None


async def open_services(
    stack: AsyncExitStack,
    settings: Settings,
    *,
    database: Database,
    engine: EngineThread,
    warehouse: Warehouse,
    policy: PolicyFile | FixedPolicy,
    meters: Meters,
    traces: Tracing,
) -> Services:
    project = settings.bigquery_project
    assert project is not None, "require_agent_settings has looked"
    approvals = PostgresApprovals(database)
    version = CurrentVersion(query_policy(settings, project), policy)
    budgets = meters.budgets(PostgresBudgets(database, ZoneInfo(settings.budget_time_zone)))
    cashier = Cashier(
        budgets=budgets,
        audit=PostgresAudit(database),
        warehouse=warehouse,
        price=price(settings),
        max_bytes_billed=settings.bigquery_max_bytes_billed,
        policy_version=version,
        model=settings.openai_model,
        now=now,
    )
    keep(stack, "collect-bills", keep_collecting(cashier, untouched_for=longest_job(settings)))
    results = results_of(settings, database)
    catalog = SchemaStore(warehouse, lambda: policy.latest.datasets)
    gate = Gate(engine, GateRules(rights=NoRights(), default_project=project))
    runner = QueryRunner(
        access=AccessControl(policy, catalog, ColumnReader(engine, project), default_project=project),
        cashier=cashier,
        gate=gate,
        warehouse=warehouse,
        policy=query_policy(settings, project),
        approvals=approvals,
        results=results,
        cache=_cache(settings, database, engine, warehouse, version),
        observer=await _observer(settings, gate, engine, warehouse, cashier),
    )
    return Services(
        model=meters.model(await _open_model(stack, settings, traces)),
        runner=runner,
        catalog=catalog,
        approvals=approvals,
        options=agent_options(settings, project),
        till=ModelTill(budgets, settings.openai_model, token_price(settings), version, now),
        now=now,
        results=results,
        analysis=OfflineAnalysis(engine, project),
    )


async def _open_model(stack: AsyncExitStack, settings: Settings, traces: Tracing) -> Model:
    key = settings.model_key.get_secret_value() if settings.model_key else "none"
    # reads certificates and proxy settings from files: off the loop
    client = await asyncio.to_thread(lambda: AsyncOpenAI(api_key=key, base_url=settings.model_base_url))
    stack.push_async_callback(client.close)
    model = OpenAIModel(
        client,
        settings.openai_model,
        timeout_seconds=settings.openai_timeout_seconds,
        on_completion=traces.completed,
    )
    return traces.model(model, name=settings.openai_model, address=settings.model_base_url)


async def open_savers(
    stack: AsyncExitStack, settings: Settings, database: Database, meters: Meters, traces: Tracing
) -> Savers:
    choice = CheckpointChoice(
        backend=settings.langgraph_checkpoint_backend,
        postgres_uri=database.uri,
        falls_back_to_memory=settings.langgraph_checkpoint_fallback_to_memory,
        dynamodb_table=settings.langgraph_dynamodb_table,
        dynamodb_region=settings.langgraph_dynamodb_region,
        dynamodb_endpoint_url=settings.langgraph_dynamodb_endpoint_url,
    )

    def kept(seconds: float) -> None:
        meters.checkpoint_kept(seconds)
        traces.checkpoint_kept(seconds)

    try:
        opening = open_checkpoints(choice, workers=settings.workers, on_seconds=kept)
        return await stack.enter_async_context(opening)
    except StorageMisconfigured as error:
        raise ConfigurationError(str(error)) from None


def _cache(
    settings: Settings,
    database: Database,
    engine: EngineThread,
    warehouse: Warehouse,
    version: CurrentVersion,
) -> ResultCache | None:
    project = settings.bigquery_project
    assert project is not None, "require_agent_settings has looked"
    if settings.result_cache_max_age_seconds == 0:
        return None
    return ResultCache(
        runs=PostgresKeptRuns(database),
        results=results_of(settings, database),
        repeatable=RepeatableReader(engine, project),
        states=warehouse,
        policy_version=version,
        default_project=project,
        max_age=timedelta(seconds=settings.result_cache_max_age_seconds),
        max_rows=query_policy(settings, project).max_rows,
        now=now,
    )


async def _observer(
    settings: Settings, gate: Gate, engine: EngineThread, warehouse: Warehouse, cashier: Cashier
) -> PolicyObserver | None:
    on_trial = await asyncio.to_thread(observed_policy, settings)
    if on_trial is None:
        return None
    project = settings.bigquery_project
    assert project is not None, "require_agent_settings has looked"
    limits = query_policy(settings, project)
    # Tables of its own: it may speak of datasets that the policy which holds does not.
    catalog = SchemaStore(warehouse, lambda: on_trial.latest.datasets)
    access = AccessControl(on_trial, catalog, ColumnReader(engine, project), default_project=project)
    return PolicyObserver(StatementJudge(gate, warehouse, limits, access), cashier, CurrentVersion(limits, on_trial))


def results_of(settings: Settings, database: Database) -> PostgresResults:
    return PostgresResults(database, largest_body=settings.result_max_bytes)


def now() -> datetime:
    return datetime.now(UTC)
