"""The whole product on loopback: the daemon as a process of its own, its services in the test's, a wire before each."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

from bot.local.bigquery.credentials import write_credentials
from bot.local.bigquery.service import LocalBigQuery
from bot.local.model.scripted import DEMO_SCRIPT, ScriptedModel
from bot.local.slack.workspace import Workspace
from tests.checked_workspace import CheckedWorkspace
from tests.scenario.tripwire import Crossing, Tripwire, bigquery_label, model_label, slack_label

ROOT = Path(__file__).parents[2]
START_SECONDS = 60.0
ANSWER_SECONDS = 60.0


class Daemon:
    """`python -m bot`, whatever it prints kept line by line."""

    def __init__(self, environ: Mapping[str, str], cwd: Path = ROOT) -> None:
        self._environ = environ
        self._cwd = cwd
        self._process: asyncio.subprocess.Process | None = None
        self._reading: asyncio.Task[None] | None = None
        self.lines: list[str] = []

    @property
    def events(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.lines if line.startswith("{")]

    def named(self, event: str) -> list[dict[str, Any]]:
        return [line for line in self.events if line.get("event") == event]

    async def start(self) -> None:
        self._process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "bot",
            cwd=self._cwd,
            env=dict(self._environ),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        self._reading = asyncio.create_task(self._read(), name="daemon-log")

    async def _read(self) -> None:
        assert self._process is not None
        assert self._process.stdout is not None
        async for line in self._process.stdout:
            self.lines.append(line.decode().rstrip())

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def kill(self) -> None:
        """kill -9."""
        assert self._process is not None
        self._process.kill()

    async def ended(self) -> int:
        assert self._process is not None
        assert self._reading is not None
        code = await asyncio.wait_for(self._process.wait(), START_SECONDS)
        await self._reading
        return code

    async def stop(self) -> int:
        """SIGTERM, and the exit code. 0 for one that has ended already."""
        if self._process is None or self._process.returncode is not None:
            return 0
        self._process.send_signal(signal.SIGTERM)
        return await self.ended()


class House:
    """What a test acts on. `tripped` decides at each crossing whether the daemon dies there."""

    def __init__(self, workspace: Workspace, bigquery: LocalBigQuery, model: ScriptedModel) -> None:
        self.workspace = workspace
        self.bigquery = bigquery
        self.model = model
        self.environ: dict[str, str] = {}
        self.daemon = Daemon({})
        self.crossings: list[Crossing] = []
        self._trap: tuple[Crossing, int] | None = None
        self._sprung = asyncio.Event()

    def kill_at(self, crossing: Crossing, nth: int = 1) -> None:
        """Arm: the daemon gets kill -9 at the *nth* such crossing from now."""
        self._trap = (crossing, nth)
        self._sprung.clear()

    async def sprung(self) -> None:
        """The daemon is dead."""
        await asyncio.wait_for(self._sprung.wait(), ANSWER_SECONDS)
        await self.daemon.ended()

    async def on_crossing(self, crossing: Crossing) -> bool:
        self.crossings.append(crossing)
        if self._trap is None or self._trap[0] != crossing:
            return True
        if self._trap[1] > 1:
            self._trap = (crossing, self._trap[1] - 1)
            return True
        self._trap = None
        self.daemon.kill()
        self._sprung.set()
        return False

    async def start_daemon(self, cwd: Path = ROOT) -> None:
        """A new daemon, connected."""
        self.daemon = Daemon(self.environ, cwd)
        await self.daemon.start()
        await self.workspace.wait_for(lambda: self.workspace.sockets or None, START_SECONDS)

    async def ask(
        self, text: str, *, user: str = "U0ANA", channel: str = "C0GENERAL", thread: str | None = None
    ) -> str:
        """Mention the bot; the post's ts."""
        return await self.workspace.post(user, channel, f"<@U0BOLT> {text}", thread)

    async def answered(self, thread: str, channel: str = "C0GENERAL") -> list[dict[str, Any]]:
        """The bot's messages in the thread, once the newest is final."""

        def final() -> list[dict[str, Any]] | None:
            answers = self.workspace.answers(channel, thread)
            return answers if answers and is_final(answers[-1]) else None

        return await self.workspace.wait_for(final, ANSWER_SECONDS)

    async def until(self, look: Callable[[], Any], seconds: float = ANSWER_SECONDS) -> Any:
        """What *look* finds, as soon as it finds something: in the daemon's log, in the warehouse, on Slack."""
        async with asyncio.timeout(seconds):
            while not (found := look()):  # noqa: ASYNC110  # what changes is in other processes
                await asyncio.sleep(0.02)
        return found

    @property
    def billed_jobs(self) -> list[str]:
        return list(self.bigquery.jobs)

    @property
    def billed_bytes(self) -> int:
        return sum(job.bytes_billed for job in self.bigquery.jobs.values())


def is_final(message: dict[str, Any]) -> bool:
    """An answer, no longer the steps on the way to it or a place in line: those carry the Stop button."""
    return "stop" not in [e.get("action_id") for b in message.get("blocks") or [] for e in b.get("elements") or []]


@asynccontextmanager
async def open_house(folder: Path, database_url: str, googlesql_cache: Path, **more: str) -> AsyncGenerator[House]:
    """Everything but the daemon is up when this enters."""
    async with AsyncExitStack() as stack:
        workspace = CheckedWorkspace(ack_timeout=3.0, retry_delays=(0.0, 1.0, 2.0))
        await stack.enter_async_context(workspace.serving())
        bigquery = LocalBigQuery(googlesql_cache)
        await stack.enter_async_context(bigquery.serving())
        model = ScriptedModel(DEMO_SCRIPT)
        await stack.enter_async_context(model.serving())
        house = House(workspace, bigquery, model)
        wires = [
            Tripwire(workspace.api_url.removesuffix("/api/"), slack_label, house.on_crossing),
            Tripwire(bigquery.url, bigquery_label, house.on_crossing),
            Tripwire(model.base_url.removesuffix("/v1"), model_label, house.on_crossing),
        ]
        for wire in wires:
            await stack.enter_async_context(wire.serving())
        credentials = folder / "credentials.json"
        write_credentials(credentials)
        house.environ = {
            "PATH": os.environ["PATH"],
            "HOME": str(folder),
            "SLACK_API_URL": f"{wires[0].url}/api/",
            "SLACK_BOT_TOKEN": workspace.bot_token,
            "SLACK_APP_TOKEN": workspace.app_token,
            "BIGQUERY_API_ENDPOINT": wires[1].url,
            "BIGQUERY_PROJECT": "demo-proj",
            "BIGQUERY_DATASETS": "shop,web",
            "GOOGLE_APPLICATION_CREDENTIALS": str(credentials),
            "OPENAI_BASE_URL": f"{wires[2].url}/v1",
            "OPENAI_API_KEY": "scripted",
            "OPENAI_MODEL": "scripted",
            "DATABASE_URL": database_url,
            "STATE_DIR": str(folder / "state"),
            "DRAIN_SECONDS": "3",
            "CACHE_DIR": str(googlesql_cache.parent),
            "LOG_LEVEL": "debug",  # stories wait for acks
            "RESULT_CACHE_MAX_AGE_SECONDS": "0",  # stories count jobs
            **more,
        }
        try:
            yield house
        finally:
            await house.daemon.stop()
