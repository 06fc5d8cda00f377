"""Slack, BigQuery and a model on this machine's loopback, for a daemon in another: and the .env that leads to them."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from bot.default_folders import default_cache_dir
from bot.local.bigquery.credentials import write_credentials
from bot.local.bigquery.service import LocalBigQuery
from bot.local.model.scripted import DEMO_SCRIPT, ScriptedModel
from bot.local.slack.workspace import Workspace


@dataclass(frozen=True)
class Services:
    workspace: Workspace
    env: dict[str, str]

    def env_file(self, **other: str) -> str:
        return "".join(f"{name}={value}\n" for name, value in {**self.env, **other}.items())


@asynccontextmanager
async def open_services(folder: Path, google: str) -> AsyncGenerator[Services]:
    """*google*: where the machine sees the key file that is written to *folder*."""
    async with AsyncExitStack() as stack:
        # Slack's own limits would make five questions a second wait in line for minutes: they are another test's.
        workspace = Workspace(limits={})
        await stack.enter_async_context(workspace.serving())
        bigquery = LocalBigQuery(default_cache_dir() / "googlesql")
        await stack.enter_async_context(bigquery.serving())
        model = ScriptedModel(DEMO_SCRIPT)
        await stack.enter_async_context(model.serving())
        await asyncio.to_thread(write_credentials, folder / "key.json")
        env = {
            "SLACK_BOT_TOKEN": workspace.bot_token,
            "SLACK_APP_TOKEN": workspace.app_token,
            "SLACK_API_URL": workspace.api_url,
            "BIGQUERY_PROJECT": "demo-proj",
            "BIGQUERY_DATASETS": "shop,web",
            "BIGQUERY_API_ENDPOINT": bigquery.url,
            "BIGQUERY_STALE_AFTER_HOURS": "0",
            "GOOGLE_APPLICATION_CREDENTIALS": google,
            "OPENAI_BASE_URL": model.base_url,
            "OPENAI_API_KEY": "sk-planted-in-the-env-file",
            "OPENAI_MODEL": "scripted",
            "ANSWER_NOTES_ENABLED": "false",
        }
        yield Services(workspace, env)
