"""A missing or wrong setting stops the start with one sentence that names it, and exit code 78."""

import asyncio
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.scenario.house import ROOT, START_SECONDS, Daemon, House

COMPLETE = {
    "SLACK_BOT_TOKEN": "xoxb-1",
    "SLACK_APP_TOKEN": "xapp-1",
    "BIGQUERY_PROJECT": "p",
    "BIGQUERY_DATASETS": "shop",
    "OPENAI_API_KEY": "k",
}


def start(folder: Path, environ: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """`python -m bot` in an empty folder, to its end."""
    return subprocess.run(
        [sys.executable, "-m", "bot"],
        cwd=folder,
        env={"HOME": str(folder), "PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT), **environ},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize("missing", list(COMPLETE))
def test_a_missing_setting_is_named(tmp_path: Path, missing: str):
    ended = start(tmp_path, {name: value for name, value in COMPLETE.items() if name != missing})
    assert ended.returncode == 78
    assert re.fullmatch(rf"slack-bot: {missing} is not set: [^\n]+\.\n", ended.stderr)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("WORKERS", "a few"),
        ("SLACK_BOT_TOKEN", "xapp-1"),
        ("BIGQUERY_DATASETS", "a.b.c"),
        ("DATABASE_URL", "mysql://x"),
    ],
)
def test_a_wrong_setting_is_named(tmp_path: Path, name: str, value: str):
    ended = start(tmp_path, {**COMPLETE, "STATE_DIR": str(tmp_path / "state"), name: value})
    assert ended.returncode == 78
    assert re.fullmatch(rf"slack-bot: {name} is wrong: [^\n]+\.\n", ended.stderr.splitlines(keepends=True)[-1])
    assert "Traceback" not in ended.stderr


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize(("name", "value"), [("SLACK_BOT_TOKEN", "xoxb-old"), ("SLACK_APP_TOKEN", "xapp-old")])
async def test_a_token_that_slack_refuses_is_named(house: House, name: str, value: str):
    daemon = Daemon({**house.environ, name: value})
    await daemon.start()
    assert await daemon.ended() == 78
    assert daemon.lines[-1] == f"slack-bot: {name} is wrong: Slack answered invalid_auth."


@pytest.mark.asyncio(loop_scope="module")
async def test_told_to_stop_while_it_starts_it_ends_in_order(tmp_path: Path):
    asked = asyncio.Event()

    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.set()
        await reader.read()  # until the daemon gives up
        writer.close()

    async with await asyncio.start_server(silent, "127.0.0.1", 0) as postgres:
        port = postgres.sockets[0].getsockname()[1]
        silent_database = f"postgresql://slackbot@127.0.0.1:{port}/slackbot"
        environ = {"HOME": str(tmp_path), "PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT), **COMPLETE}
        daemon = Daemon({**environ, "STATE_DIR": str(tmp_path / "state"), "DATABASE_URL": silent_database})
        await daemon.start()
        await asyncio.wait_for(asked.wait(), START_SECONDS)
        assert await daemon.stop() == 0
    [starting] = daemon.named("daemon.starting")
    assert re.fullmatch(r"\d[\w.]*( \([0-9a-f]{10}\))?", starting["version"])
    assert daemon.named("daemon.stopped_while_starting")
