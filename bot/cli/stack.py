"""Which services are named by .env, and local stand-ins for those that are not.

The production code never learns which it talks to: a stand-in is an address in the environment that the
daemon is started with.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, TypeAlias

from bot.local.bigquery.service import LocalBigQuery, write_credentials
from bot.local.model.scripted import DEMO_SCRIPT, ScriptedModel
from bot.local.model.service import LocalModel
from bot.local.slack.workspace import Workspace
from bot.settings import Settings

Service: TypeAlias = Literal["slack", "bigquery", "model"]
SERVICES: tuple[Service, ...] = ("slack", "bigquery", "model")
ModelChoice: TypeAlias = Literal["auto", "local", "scripted"]
"""auto: the endpoint that .env names, else local."""

DEMO_PROJECT = "demo-proj"
DEMO_DATASETS = "shop,web"
WORKSPACE_PORT = 8484
"""Where the page is, unless something else has the port."""


@dataclass
class Stack:
    """The stand-ins that run, and the environment that leads a daemon to them."""

    environ: dict[str, str] = field(default_factory=dict[str, str])
    lines: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    """(service, what answers for it), for the terminal and the page."""
    workspace: Workspace | None = None
    bigquery: LocalBigQuery | None = None
    model: LocalModel | ScriptedModel | None = None


def stand_ins_for(settings: Settings, model: ModelChoice) -> frozenset[Service]:
    """The services that *settings* does not name."""
    missing: set[Service] = set()
    if not settings.slack_bot_token:
        missing.add("slack")
    if not settings.bigquery_project:
        missing.add("bigquery")
    if model != "auto" or not (settings.openai_api_key or settings.openai_base_url):
        missing.add("model")
    return frozenset(missing)


@asynccontextmanager
async def open_stack(
    settings: Settings,
    services: frozenset[Service],
    *,
    model: ModelChoice = "auto",
    port: int = WORKSPACE_PORT,
    on_model: Callable[[str], None] = lambda text: None,
) -> AsyncGenerator[Stack]:
    """Start *services* on this machine, the page first: it is what a person waits for."""
    stack = Stack()
    async with AsyncExitStack() as exits:
        if "slack" in services:
            await _open_slack(stack, exits, settings.state_dir, port)
        if "model" in services:
            await _open_model(stack, exits, settings, model, on_model)
        if "bigquery" in services:
            await _open_bigquery(stack, exits, settings)
        yield stack


async def _open_slack(stack: Stack, exits: AsyncExitStack, state_dir: Path, port: int) -> None:
    workspace = Workspace(state_file=state_dir / "local" / "workspace.json")
    await exits.enter_async_context(workspace.serving(port=port))
    stack.workspace = workspace
    stack.environ |= {
        "SLACK_API_URL": workspace.api_url,
        "SLACK_BOT_TOKEN": workspace.bot_token,
        "SLACK_APP_TOKEN": workspace.app_token,
    }
    stack.lines.append(("Slack", f"a local workspace at {workspace.page_url} (SLACK_BOT_TOKEN is not set)"))


async def _open_bigquery(stack: Stack, exits: AsyncExitStack, settings: Settings) -> None:
    bigquery = LocalBigQuery(settings.cache_dir / "googlesql")
    await exits.enter_async_context(bigquery.serving())
    credentials = settings.state_dir / "local" / "bigquery-credentials.json"
    await asyncio.to_thread(write_credentials, credentials, f"{bigquery.url}/token")
    stack.bigquery = bigquery
    stack.environ |= {
        "BIGQUERY_PROJECT": DEMO_PROJECT,
        "BIGQUERY_DATASETS": DEMO_DATASETS,
        "BIGQUERY_API_ENDPOINT": bigquery.url,
        "GOOGLE_APPLICATION_CREDENTIALS": str(credentials),
    }
    stack.lines.append(
        ("BigQuery", f"a local warehouse with a demo shop at {bigquery.url} (BIGQUERY_PROJECT is not set)")
    )


async def _open_model(
    stack: Stack, exits: AsyncExitStack, settings: Settings, choice: ModelChoice, on_model: Callable[[str], None]
) -> None:
    if choice == "scripted":
        scripted = ScriptedModel(DEMO_SCRIPT)
        await exits.enter_async_context(scripted.serving())
        stack.model = scripted
        url, name, line = scripted.base_url, "scripted", scripted.banner
    else:
        local = LocalModel(settings.cache_dir / "models", on_change=on_model)
        await exits.enter_async_context(local.serving())
        stack.model = local
        url, name, line = local.base_url, local.name, local.banner
    stack.environ |= {"OPENAI_BASE_URL": url, "OPENAI_API_KEY": "local", "OPENAI_MODEL": name}
    stack.lines.append(("Model", line))
