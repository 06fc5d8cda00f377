"""`botctl outage report`, against a Slack on loopback: what is told of a unit that failed, and that it is told once."""

import argparse
import socket
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from bot.cli.outage import report
from tests.checked_workspace import CheckedWorkspace

CHANNEL = "C0SALES"
TOKEN_IN_LOG = "xoxb-1234567890-abcdefghij"
JOURNALCTL = f"""#!/bin/sh
for last; do :; done
[ "$last" = _SYSTEMD_INVOCATION_ID=0123456789abcdef0123456789abcdef ] || exit 1
for n in 1 2 3 4 5 6; do echo "line $n \\`with {TOKEN_IN_LOG}\\`"; done
"""


@pytest_asyncio.fixture
async def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[CheckedWorkspace]:
    workspace = CheckedWorkspace()
    async with workspace.serving():
        (tmp_path / "slack_bot_token").write_text(f"{workspace.bot_token}\n")
        (tmp_path / "journalctl").write_text(JOURNALCTL)
        (tmp_path / "journalctl").chmod(0o755)
        for name, value in {
            "CREDENTIALS_DIRECTORY": str(tmp_path),
            "STATE_DIRECTORY": str(tmp_path / "state"),
            "PATH": f"{tmp_path}:/usr/bin:/bin",
            "SLACK_API_URL": workspace.api_url,
            "SLACK_OPS_CHANNEL": CHANNEL,
            "MONITOR_SERVICE_RESULT": "watchdog",
            "MONITOR_EXIT_CODE": "killed",
            "MONITOR_EXIT_STATUS": "ABRT",
            "MONITOR_INVOCATION_ID": "0123456789abcdef0123456789abcdef",
            "BUDGET_TIME_ZONE": "nowhere",  # the configuration may be what is wrong
        }.items():
            monkeypatch.setenv(name, value)
        yield workspace


async def reported(unit: str = "slack-bot") -> int:
    return await report(argparse.Namespace(unit=unit))


def told(workspace: CheckedWorkspace) -> list[str]:
    return [message["text"] for message in workspace.messages(CHANNEL)]


async def test_a_failure_is_told_with_its_reason_and_last_lines_without_secrets(workspace: CheckedWorkspace) -> None:
    assert await reported() == 0
    (text,) = told(workspace)
    assert f"slack-bot on {socket.gethostname()} failed" in text
    assert "watchdog, killed ABRT" in text
    assert "line 2 'with" in text
    assert "line 1" not in text, "the last five"
    assert TOKEN_IN_LOG not in text


async def test_the_next_failures_of_the_outage_are_not_told_again(workspace: CheckedWorkspace) -> None:
    for _ in range(3):
        assert await reported() == 0
    assert await reported("slack-bot@green") == 0
    assert len(told(workspace)) == 2


async def test_each_failure_of_a_task_is_told(workspace: CheckedWorkspace) -> None:
    for _ in range(2):
        assert await reported("slack-bot-backup") == 0
    assert [("runs again at its next time" in text) for text in told(workspace)] == [True, True]


async def test_a_wrong_configuration_says_that_it_stays_down(
    workspace: CheckedWorkspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MONITOR_EXIT_STATUS", "78")
    monkeypatch.setenv("SLACK_NOTICE_LANGUAGE", "ko")
    assert await reported() == 0
    (text,) = told(workspace)
    assert "설정이 잘못되어" in text


async def test_what_slack_did_not_take_is_told_by_the_next_failure(
    workspace: CheckedWorkspace, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SLACK_OPS_CHANNEL", "C0NOWHERE")
    assert await reported() == 1
    assert "could not be told: channel_not_found" in capsys.readouterr().err
    monkeypatch.setenv("SLACK_OPS_CHANNEL", CHANNEL)
    assert await reported() == 0
    assert len(told(workspace)) == 1


async def test_without_a_channel_it_says_so_and_is_no_failure(
    workspace: CheckedWorkspace, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("SLACK_OPS_CHANNEL")
    assert await reported() == 0
    assert "names nobody to tell" in capsys.readouterr().out
    assert told(workspace) == []
