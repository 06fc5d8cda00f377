"""Faults of Slack, Postgres, BigQuery and the model, planted in the services themselves where they can be."""

from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any, Final

from aiohttp import web

from bot.local.model.loopback import on_loopback
from bot.local.model.script import Misbehaviour
from bot.local.slack.faults import Fault as SlackFault
from bot.local.slack.people import ANA, Channel
from bot.local.slack.workspace import Workspace
from tests.fakes.collector import FakeCollector
from tests.integration.doctor.ward import Case, Fault, Plant, Ward, on_machine, with_settings

NOWHERE: Final = "http://127.0.0.1:1"
PASSWORD: Final = "planted-password"


def slack_refuses(method: str, error: str) -> Plant:
    @asynccontextmanager
    async def plant(ward: Ward) -> AsyncGenerator[Case]:
        ward.workspace.faults.add(method, SlackFault(error))
        yield Case({}, {})

    return plant


@asynccontextmanager
async def slack_fails(ward: Ward) -> AsyncGenerator[Case]:
    ward.workspace.faults.add("apps.connections.open", SlackFault(status=503))
    yield Case({}, {})


def in_workspace(change: Callable[[Workspace], object] = lambda _: None, **more: Any) -> Plant:
    """Another one, made otherwise."""

    @asynccontextmanager
    async def plant(_: Ward) -> AsyncGenerator[Case]:
        async with Workspace(**more).serving() as workspace:
            change(workspace)
            tokens = {"slack_bot_token": workspace.bot_token, "slack_app_token": workspace.app_token}
            yield Case({"slack_api_url": workspace.api_url, **tokens}, {})

    return plant


@asynccontextmanager
async def bot_outside(ward: Ward) -> AsyncGenerator[Case]:
    ward.workspace.room.board.channels["C0OTHER"] = Channel("C0OTHER", "other", (ANA.id,))
    yield Case({"slack_ops_channel": "C0OTHER"}, {})
    del ward.workspace.room.board.channels["C0OTHER"]


@asynccontextmanager
async def collector_refuses(_: Ward) -> AsyncGenerator[Case]:
    async with FakeCollector().serving() as collector:
        collector.status = 401
        yield Case({"otel_exporter_otlp_endpoint": collector.url}, {})


def in_database(statement: str, undo: str, **settings: Any) -> Plant:
    @asynccontextmanager
    async def plant(ward: Ward) -> AsyncGenerator[Case]:
        with ward.database() as connection:
            connection.execute(statement.encode())
            try:
                yield Case(settings, {})
            finally:
                connection.execute(undo.encode())

    return plant


@asynccontextmanager
async def weak_role(ward: Ward) -> AsyncGenerator[Case]:
    """The tables are another's: somebody ran the daemon as an administrator once."""
    with ward.database() as connection:
        connection.execute("CREATE ROLE weak")
        try:
            yield Case({"database_url": f"{ward.database_url}&options=-c%20role%3Dweak"}, {})
        finally:
            connection.execute("DROP ROLE weak")


def model_does(fault: str, times: int) -> Plant:
    @asynccontextmanager
    async def plant(ward: Ward) -> AsyncGenerator[Case]:
        ward.model.misbehave(Misbehaviour.model_validate({"fault": fault}), times)
        yield Case({}, {})

    return plant


@asynccontextmanager
async def model_at_its_root(ward: Ward) -> AsyncGenerator[Case]:
    yield Case({"openai_base_url": ward.model.base_url.removesuffix("/v1")}, {})


@asynccontextmanager
async def jobs_denied(_: Ward) -> AsyncGenerator[Case]:
    """By a BigQuery that knows the service account, and has not been told that it may run jobs."""
    told = {"message": "User lacks bigquery.jobs.create in project demo-proj.", "reason": "accessDenied"}
    body = {"error": {"code": 403, "message": told["message"], "errors": [told]}}

    async def refuse(_: web.Request) -> web.Response:
        return web.json_response(body, status=403)

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", refuse)
    async with on_loopback(app) as address:
        yield Case({"bigquery_api_endpoint": address}, {})


SERVICES: Final[Mapping[str, Fault]] = {
    "slack cannot be reached": Fault(
        "slack", "cannot be reached", "HTTPS_PROXY", with_settings(slack_api_url=f"{NOWHERE}/api/")
    ),
    "slack is out of order": Fault(
        "app-token", "did not answer apps.connections.open", "again in a minute", slack_fails, state="warn"
    ),
    "the bot token was revoked": Fault(
        "bot-token", "it was revoked", "Bot User OAuth Token", slack_refuses("auth.test", "token_revoked")
    ),
    "the bot token is another's": Fault(
        "bot-token", "Slack does not know it", "Bot User OAuth Token", with_settings(slack_bot_token="xoxb-other")
    ),
    "the app lost a scope": Fault(
        "bot-scopes", "files:write (to give", "reinstall",
        in_workspace(lambda workspace: workspace.lose_scope("files:write")),
    ),
    "the app token lacks its scope": Fault(
        "app-token", "connections:write", "Generate one", slack_refuses("apps.connections.open", "missing_scope")
    ),
    "the tokens are of two apps": Fault(
        "one-app", "SLACK_APP_TOKEN of A0OTHER", "both from one app", in_workspace(app_token="xapp-1-A0OTHER-1-abc")
    ),
    "a channel that there is not": Fault(
        "channels", "SLACK_CHANNEL: C0GONE", "by id", with_settings(slack_channel="C0GONE")
    ),
    "the bot was not invited": Fault("channels", "not in #other (SLACK_OPS_CHANNEL)", "/invite", bot_outside),
    "the collector cannot be reached": Fault(
        "traces", "nobody answers at http://127.0.0.1:1/v1/traces", "OTEL_EXPORTER_OTLP_ENDPOINT",
        with_settings(otel_exporter_otlp_endpoint=NOWHERE), state="warn",
    ),
    "the collector wants another key": Fault(
        "traces", "refuses us (401)", "OTEL_EXPORTER_OTLP_HEADERS", collector_refuses, state="warn"
    ),
    "traces by another protocol": Fault(
        "traces", "OTEL_EXPORTER_OTLP_PROTOCOL is wrong", "Mend it",
        on_machine(environ={"OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"}),
    ),
    "postgres cannot be reached": Fault(
        "postgres", "did not answer", "DATABASE_URL",
        with_settings(database_url=f"postgresql://bolt:{PASSWORD}@127.0.0.1:1/bolt"),
    ),
    "a migration is missing": Fault(
        "migrations", "behind: 0001", "botctl prepare schema",
        in_database(
            "CREATE TABLE kept AS SELECT * FROM alembic_version; UPDATE alembic_version SET version_num = '0001'",
            "UPDATE alembic_version SET version_num = (SELECT version_num FROM kept); DROP TABLE kept",
        ),
    ),
    "the schema is of a newer release": Fault(
        "migrations", "newer release (9999)", "Finish the upgrade",
        in_database(
            "CREATE TABLE kept AS SELECT * FROM alembic_version; UPDATE alembic_version SET version_num = '9999'",
            "UPDATE alembic_version SET version_num = (SELECT version_num FROM kept); DROP TABLE kept",
        ),
        state="warn",
    ),
    "the role has no rights": Fault("rights", "the role weak may not read and write", "TO weak", weak_role),
    "no tables for conversations": Fault(
        "checkpoints", "no tables for conversations", "starts",
        in_database("ALTER SCHEMA langgraph RENAME TO elsewhere", "ALTER SCHEMA elsewhere RENAME TO langgraph"),
        state="warn",
    ),
    "too few connections": Fault(
        "connections", "10 of ", "max_connections",
        in_database("ALTER DATABASE ward CONNECTION LIMIT 10", "ALTER DATABASE ward CONNECTION LIMIT -1"),
    ),
    "more workers than connections": Fault(
        "connections", "an upgrade runs two at once", "WORKERS",
        in_database("ALTER DATABASE ward CONNECTION LIMIT 40", "ALTER DATABASE ward CONNECTION LIMIT -1"),
        state="warn",
    ),
    "bigquery cannot be reached": Fault(
        "bigquery", "cannot be reached", "HTTPS_PROXY", with_settings(bigquery_api_endpoint=NOWHERE)
    ),
    "the project is another": Fault(
        "bigquery", "there is no project other-proj", "its id",
        with_settings(bigquery_project="other-proj", bigquery_datasets=("demo-proj.shop",)),
    ),
    "the project lets nobody run jobs": Fault("bigquery", "jobs.create", "BigQuery Job User", jobs_denied),
    "a dataset that there is not": Fault(
        "datasets", "no dataset demo-proj.shoop", "BIGQUERY_DATASETS",
        with_settings(bigquery_datasets=("shop", "shoop")),
    ),
    "the wrong location": Fault(
        "datasets", "demo-proj.shop lies in US", "BIGQUERY_LOCATION to US", with_settings(bigquery_location="EU")
    ),
    "the model cannot be reached": Fault(
        "model", "does not answer", "OPENAI_BASE_URL", with_settings(openai_base_url=f"{NOWHERE}/v1")
    ),
    "the model is still loading": Fault(
        "model", "takes no request now", "Wait", model_does("loading", 1), state="warn"
    ),
    "the model's key is wrong": Fault(
        "model", "refuses OPENAI_API_KEY", "Set OPENAI_API_KEY", model_does("wrong_key", 1)
    ),
    "the model's name is wrong": Fault(
        "model", "has no model scripted", "one that it has: scripted", model_does("unknown_model", 1)
    ),
    "the model's address is not its api": Fault("model", "no chat.completions", "/v1", model_at_its_root),
    "the endpoint takes no schemas": Fault(
        "structured-output", "asked for in words", "json_schema", model_does("no_schemas", 2), state="warn"
    ),
    "the model breaks its json": Fault(
        "structured-output", "does not keep to the shape", "Choose a model", model_does("broken_json", 3)
    ),
}  # fmt: skip
