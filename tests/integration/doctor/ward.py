"""A machine on which all is well, with real services on loopback; a fault is planted in one place of it."""

import asyncio
import shutil
from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg

from bot.cli.doctor.check import examine_all, with_needs
from bot.cli.doctor.checks import CHECKS
from bot.cli.doctor.finding import Finding
from bot.cli.doctor.machine import RELEASE, Machine, Space
from bot.cli.doctor.patient import Loaded, open_patient
from bot.local.bigquery.credentials import write_credentials
from bot.local.bigquery.service import LocalBigQuery
from bot.local.model.scripted import ScriptedModel
from bot.local.slack.workspace import Workspace
from bot.settings import load_settings
from bot.storage.checkpoints import open_savers
from bot.storage.migrations import migrate
from tests.fakes.collector import FakeCollector
from tests.postgres import database_uri

GIB = 2**30


@dataclass(frozen=True, slots=True)
class Ward:
    workspace: Workspace
    bigquery: LocalBigQuery
    model: ScriptedModel
    database_url: str
    settings: dict[str, Any]
    machine: Machine
    folder: Path

    def database(self) -> psycopg.Connection[Any]:
        return psycopg.connect(self.database_url, autocommit=True)

    async def examine(self, case: "Case", only: frozenset[str] | None = None) -> dict[str, Finding]:
        """By the check's name."""
        loaded = case.loaded or Loaded(
            await asyncio.to_thread(lambda: load_settings(_env_file=None, **self.settings | case.settings))
        )
        checks = CHECKS if only is None else with_needs(CHECKS, only)
        async with open_patient(loaded, replace(self.machine, **case.machine)) as patient:
            return {finding.name: finding for finding in await examine_all(checks, patient)}


@dataclass(frozen=True, slots=True)
class Case:
    """What is other than well."""

    settings: dict[str, Any]
    machine: dict[str, Any]
    loaded: Loaded | None = None


Plant = Callable[[Ward], AbstractAsyncContextManager[Case]]


@dataclass(frozen=True, slots=True)
class Fault:
    check: str
    """The one that finds it, and the only one that complains."""
    says: str
    mends: str
    plant: Plant
    state: str = "fail"


def with_settings(**settings: Any) -> Plant:
    @asynccontextmanager
    async def plant(_: Ward) -> AsyncGenerator[Case]:
        yield Case(settings, {})

    return plant


def on_machine(**machine: Any) -> Plant:
    @asynccontextmanager
    async def plant(_: Ward) -> AsyncGenerator[Case]:
        yield Case({}, machine)

    return plant


async def healthy_systemctl(*words: str) -> str | None:
    return {"is-enabled": "enabled", "is-active": "active"}.get(words[0], "no")


@asynccontextmanager
async def open_ward(folder: Path, postgres_uri: str, googlesql_cache: Path) -> AsyncGenerator[Ward]:
    database_url = await asyncio.to_thread(_make_database, postgres_uri)
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(open_savers(database_url, workers=1))  # makes the tables of conversations
        workspace = await stack.enter_async_context(Workspace(app_token="xapp-1-A0BOLT-1-ward").serving())
        bigquery = await stack.enter_async_context(LocalBigQuery(googlesql_cache).serving())
        model = await stack.enter_async_context(ScriptedModel().serving())
        collector = await stack.enter_async_context(FakeCollector().serving())
        key = folder / "key.json"
        await asyncio.to_thread(write_credentials, key)
        settings: dict[str, Any] = {
            "slack_api_url": workspace.api_url,
            "slack_bot_token": workspace.bot_token,
            "slack_app_token": workspace.app_token,
            "slack_channel": "C0GENERAL",
            "bigquery_project": "demo-proj",
            "bigquery_datasets": ("shop", "web"),
            "bigquery_api_endpoint": bigquery.url,
            "google_application_credentials": key,
            "openai_base_url": model.base_url,
            "openai_api_key": "sk-planted-model-key",
            "openai_model": "scripted",
            "database_url": database_url,
            "otel_exporter_otlp_endpoint": collector.url,
            "otel_exporter_otlp_headers": "x-key=planted-collector-key",
            "state_dir": folder / "state",
            "cache_dir": googlesql_cache.parent,
        }
        yield Ward(workspace, bigquery, model, database_url, settings, _healthy_machine(folder), folder)


def _make_database(postgres_uri: str) -> str:
    with psycopg.connect(postgres_uri, autocommit=True) as connection:
        connection.execute("CREATE DATABASE ward")
    migrate(database_uri(postgres_uri, "ward"))
    return database_uri(postgres_uri, "ward")


def _healthy_machine(folder: Path) -> Machine:
    units, secrets, backups = folder / "units", folder / "secrets", folder / "backups"
    backups.mkdir(mode=0o700)
    (backups / f"data-bolt-{datetime.now(UTC) - timedelta(hours=5):%Y%m%dT%H%M%S}Z.dump").touch(0o600)
    shutil.copytree(RELEASE / "systemd", units)
    secrets.mkdir(mode=0o700)
    (secrets / "slack_bot_token").touch(mode=0o600)
    return Machine(
        env_file=folder / ".env",
        environ={"PATH": "/usr/bin", "SLACK_CHANNEL": "C0GENERAL", "OPENAI_ORG_ID": "another program's"},
        unit_folders=(units,),
        secrets_folders=(secrets,),
        service_state=folder / "no-state",
        service_cache=folder / "no-cache",
        backups=backups,
        space_of=lambda _: Space(40 * GIB, 100 * GIB),
        memory=lambda: {"MemTotal": 4 * GIB, "MemAvailable": 2 * GIB},
        missing_fonts=list,
        systemctl=healthy_systemctl,
    )
