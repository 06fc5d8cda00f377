"""Local stand-ins for the services that .env does not name.

The production code never learns which it talks to: a stand-in is an address in the environment that the
daemon is started with.
"""

import asyncio
from collections.abc import Callable
from contextlib import AsyncExitStack
from pathlib import Path
from types import TracebackType
from typing import Final, Literal, Self, TypeAlias

from bot.cli.manifest import current_manifest
from bot.local.bigquery.credentials import write_credentials
from bot.local.bigquery.service import LocalBigQuery
from bot.local.model.scripted import DEMO_SCRIPT, ScriptedModel
from bot.local.model.service import LocalModel
from bot.local.slack.workspace import Workspace
from bot.settings import Settings

Service: TypeAlias = Literal["slack", "bigquery", "model"]
SERVICES: Final[tuple[Service, ...]] = ("slack", "bigquery", "model")
ModelChoice: TypeAlias = Literal["auto", "local", "scripted"]
"""auto: the endpoint that .env names, else local."""

DEMO_PROJECT: Final = "demo-proj"
DEMO_DATASETS: Final = "shop,web"
WORKSPACE_PORT: Final = 8484
"""Where the page is, unless something else has the port."""


def stand_ins_for(settings: Settings, model: ModelChoice) -> frozenset[Service]:
    """The services that *settings* does not name."""
    missing: set[Service] = set()
    if not settings.slack_bot_token:
        missing.add("slack")
    if not settings.bigquery_project:
        missing.add("bigquery")
    if model != "auto" or not (settings.model_key or settings.model_base_url or settings.laas_api_key):
        missing.add("model")
    return frozenset(missing)


class Stack:
    """The stand-ins that run. What they remember lies in *folder*: two stacks must not share one."""

    def __init__(self, settings: Settings, folder: Path) -> None:
        self._settings = settings
        self._folder = folder
        self._exits = AsyncExitStack()
        self._model: LocalModel | ScriptedModel | None = None
        self.workspace: Workspace | None = None
        self.environ: dict[str, str] = {}
        """Leads a daemon to the stand-ins."""
        self.lines: dict[str, str] = {}
        """Service by service, what answers for it: for the terminal."""
        self._on_page: dict[str, str] = {}

    async def __aenter__(self) -> Self:
        await asyncio.to_thread(self._folder.mkdir, mode=0o700, parents=True, exist_ok=True)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._exits.aclose()

    async def open_slack(self, port: int = 0) -> None:
        """A workspace with a page, at *port* if it is free."""
        workspace = Workspace(state_file=self._folder / "workspace.json")
        workspace.features = (await current_manifest())["features"]
        try:
            await self._exits.enter_async_context(workspace.serving(port=port))
        except OSError:  # somebody else has the port
            await self._exits.enter_async_context(workspace.serving(port=0))
        self.workspace = workspace
        self.environ |= {
            "SLACK_API_URL": workspace.api_url,
            "SLACK_BOT_TOKEN": workspace.bot_token,
            "SLACK_APP_TOKEN": workspace.app_token,
        }
        self.lines["Slack"] = f"local workspace at {workspace.page_url} (SLACK_BOT_TOKEN is not set)"

    async def open_bigquery(self) -> None:
        """The demo shop. Takes a minute where Google's SQL engine has to be compiled first."""
        bigquery = LocalBigQuery(self._settings.cache_dir / "googlesql")
        await self._exits.enter_async_context(bigquery.serving())
        credentials = self._folder / "bigquery-credentials.json"
        await asyncio.to_thread(write_credentials, credentials)
        self.environ |= {
            "BIGQUERY_PROJECT": DEMO_PROJECT,
            "BIGQUERY_DATASETS": DEMO_DATASETS,
            "BIGQUERY_API_ENDPOINT": bigquery.url,
            "BIGQUERY_STALE_AFTER_HOURS": "0",  # the shop closed with the year 2025: each answer would say so
            "GOOGLE_APPLICATION_CREDENTIALS": str(credentials),
        }
        self.lines["BigQuery"] = f"local warehouse with a demo shop at {bigquery.url} (BIGQUERY_PROJECT is not set)"
        self.tell_page("BigQuery", "a demo shop on this machine")

    async def open_model(self, choice: ModelChoice, on_change: Callable[[str], None] = lambda text: None) -> None:
        """The scripted model, or a small real one, whose weights come while its address answers already."""
        if choice == "scripted":
            scripted = ScriptedModel(DEMO_SCRIPT)
            await self._exits.enter_async_context(scripted.serving())
            self._model, url, name, line = scripted, scripted.base_url, "scripted", scripted.banner
        else:
            local = LocalModel(
                self._settings.cache_dir / "models", on_change=lambda text: self._on_model(text, on_change)
            )
            await self._exits.enter_async_context(local.serving())
            self._model, url, name, line = local, local.base_url, local.name, local.banner
        self.environ |= {"OPENAI_BASE_URL": url, "OPENAI_API_KEY": "local", "OPENAI_MODEL": name}
        self._tell("Model", line)

    @property
    def is_all_local(self) -> bool:
        """Whether a question costs nobody anything: the real model and the warehouse are both on this machine."""
        return isinstance(self._model, LocalModel) and "BIGQUERY_API_ENDPOINT" in self.environ

    async def model_is_ready(self) -> None:
        """Return when the model answers, or never will: what then happens is told by the answer."""
        if isinstance(self._model, LocalModel):
            await self._model.wait_until_settled()

    def tell_page(self, service: str, line: str) -> None:
        """Say on the page what answers for *service*."""
        self._on_page[service] = line
        if self.workspace:
            self.workspace.banner = [_banner_line(service, line) for service, line in self._on_page.items()]

    def _tell(self, service: str, line: str) -> None:
        self.lines[service] = line
        self.tell_page(service, line)

    def _on_model(self, text: str, on_change: Callable[[str], None]) -> None:
        self._tell("Model", text)
        on_change(text)


def _banner_line(service: str, line: str) -> dict[str, str]:
    is_under_way = line.startswith(("Loading", "Compiling"))
    return {"level": "progress" if is_under_way else "info", "text": f"{service}: {line}"}
