"""`botctl outage report`: what slack-bot-failed@.service runs when a unit of ours has failed."""

import argparse
import asyncio
import os
import socket
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, Self, get_args

from slack_sdk.errors import SlackApiError

from agent.notice import Notice
from agent.turn import Language
from bot.downtime import Downtime, DowntimeBook
from bot.logging import redact
from bot.settings import Settings, default_state_dir
from bot.slack.client import SlackUnavailable, error_code, open_client
from bot.slack.messages.notices import render_notices

CONFIGURATION_ERROR: Final = "78"
LAST_LINES: Final = 5
LONGEST_LINE: Final = 300
POST_SECONDS: Final = 40.0
RUN_BY_A_TIMER: Final = frozenset({"slack-bot-backup"})
"""Not started again by itself before its next time, and each failure is an outage of its own."""


@dataclass(frozen=True, slots=True)
class Failure:
    """What systemd says of it (systemd.exec: MONITOR_*; none of them before systemd 251)."""

    unit: str
    result: str
    code: str
    status: str
    invocation: str

    @classmethod
    def of(cls, unit: str, environ: Mapping[str, str]) -> Self:
        names = ("SERVICE_RESULT", "EXIT_CODE", "EXIT_STATUS", "INVOCATION_ID")
        return cls(unit, *(environ.get(f"MONITOR_{name}", "") for name in names))

    @property
    def reason(self) -> str:
        """`watchdog, killed ABRT`."""
        return ", ".join(part for part in (self.result, f"{self.code} {self.status}".strip()) if part) or "?"

    @property
    def code_of_notice(self) -> str:
        if self.unit in RUN_BY_A_TIMER:
            return "ops.task_failed"
        return "ops.unit_stays_down" if self.status == CONFIGURATION_ERROR else "ops.unit_failed"


@dataclass(frozen=True, slots=True)
class Channel:
    """Whom to tell, and how. Not read as Settings are: a setting that is wrong may be what failed."""

    token: str
    api_url: str
    channel: str
    language: Language

    @classmethod
    def of(cls, environ: Mapping[str, str]) -> "Channel | None":
        """None where there is no channel or no token."""
        token = environ.get("SLACK_BOT_TOKEN") or _credential(environ, "slack_bot_token")
        channel = environ.get("SLACK_OPS_CHANNEL") or environ.get("SLACK_CHANNEL")
        if not token or not channel:
            return None
        url = environ.get("SLACK_API_URL") or str(Settings.model_fields["slack_api_url"].default)
        wanted = environ.get("SLACK_NOTICE_LANGUAGE", "")
        return cls(token, url, channel, next((one for one in get_args(Language) if one == wanted), "en"))

    async def post(self, notice: Notice) -> None:
        """Raises SlackApiError, SlackUnavailable or TimeoutError."""
        message = render_notices([notice], self.language)
        async with asyncio.timeout(POST_SECONDS), open_client(self.token, base_url=self.api_url) as slack:
            await slack.chat_postMessage(channel=self.channel, text=message.text, blocks=list(message.blocks))


async def report(options: argparse.Namespace) -> int:
    """Tell the ops channel, once per outage. 1 when it could not be told: the next failure tries again."""
    failure = Failure.of(options.unit.removesuffix(".service"), os.environ)
    book, now = DowntimeBook(default_state_dir() / "downtime"), datetime.now(UTC)
    told = None if failure.unit in RUN_BY_A_TIMER else await asyncio.to_thread(book.find, failure.unit, now)
    if told is None:
        channel = await asyncio.to_thread(Channel.of, os.environ)
        if channel is None:
            print(f"{failure.unit} failed ({failure.reason}). SLACK_OPS_CHANNEL names nobody to tell.")
            return 0
        try:
            await channel.post(await asyncio.to_thread(_notice, failure, now))
        except (SlackApiError, SlackUnavailable, TimeoutError) as error:
            why = error_code(error) if isinstance(error, SlackApiError) else type(error).__name__
            print(f"{failure.unit} failed ({failure.reason}). Slack could not be told: {why}.", file=sys.stderr)
            return 1
        print(f"{failure.unit} failed ({failure.reason}): told {channel.channel}.")
    await asyncio.to_thread(book.keep, Downtime(failure.unit, now if told is None else told.since, now))
    return 0


def _notice(failure: Failure, now: datetime) -> Notice:
    params = {"unit": failure.unit, "host": socket.gethostname(), "reason": failure.reason}
    return Notice(
        failure.code_of_notice, {**params, "since": now.timestamp(), "lines": _last_lines(failure.invocation)}
    )


def _last_lines(invocation: str) -> str:
    """What the run that failed said last, redacted once more; empty where the journal does not say."""
    if not invocation.isalnum():
        return "-"
    asked = [
        "journalctl",
        "--no-pager",
        "-q",
        "-o",
        "cat",
        "-n",
        str(LAST_LINES),
        f"_SYSTEMD_INVOCATION_ID={invocation}",
    ]
    try:
        said = subprocess.run(asked, capture_output=True, text=True, errors="replace", timeout=10, check=False).stdout  # noqa: S603
    except (OSError, subprocess.TimeoutExpired):
        said = ""
    # a backtick would end the block of code that the sentence shows them in
    lines = [redact(line)[:LONGEST_LINE].replace("`", "'") for line in said.splitlines() if line.strip()]
    return "\n".join(lines[-LAST_LINES:]) or "-"


def _credential(environ: Mapping[str, str], name: str) -> str:
    try:
        return (Path(environ.get("CREDENTIALS_DIRECTORY", "/nowhere")) / name).read_text().strip()
    except OSError:
        return ""
