"""How soon somebody sees that they were heard: twenty questions at once to the daemon, in flight or in line."""

import asyncio
import os
import statistics
import tempfile
import time
from dataclasses import dataclass
from math import inf
from pathlib import Path

from bot.local.slack.shapes import Json
from bot.storage.embedded import EmbeddedPostgres
from tests.scenario.house import House, is_final, open_house

QUESTIONS = 20
QUESTION = "How many orders were placed in 2025?"
WORKING_SECONDS = 4.0
"""How long BigQuery takes: so long all of them are in flight."""
PEOPLE = ("U0ANA", "U0MINSU", "U0AOI")
CHANNELS = ("C0GENERAL", "C0SALES", "C0AGENCY")
PACES = {"at once": 0.0, "at the pace of Slack": 0.12}
"""Seconds between two questions. Slack delivers at most 30 000 events an hour to an app in a workspace."""
REFILL_SECONDS = 8.0
"""A channel takes a post a second and short bursts: between two rounds they fill up again."""
PATIENCE_SECONDS = 120.0


async def measure() -> dict[str, float | int]:
    """With a worker for each of them, and with four workers, so that sixteen are told their place in line."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "data-bolt" / "googlesql"
    figures: dict[str, float | int] = {"questions": QUESTIONS, "load average before": round(os.getloadavg()[0], 1)}
    for workers in (QUESTIONS, 4):
        with tempfile.TemporaryDirectory(prefix="bench-") as name:
            folder = Path(name)
            folder.chmod(0o711)  # root's Postgres runs as another account
            postgres = EmbeddedPostgres(folder / "postgres")
            uri = await asyncio.to_thread(postgres.start)
            try:
                async with open_house(folder, uri, cache, WORKERS=str(workers)) as house:
                    await house.start_daemon()
                    await house.answered(await house.ask(QUESTION))  # connections are open, people are known
                    for pace, pause in PACES.items():
                        await asyncio.sleep(REFILL_SECONDS)
                        signs = await _first_signs(house, pause)
                        label = f"{workers} workers, {pace}:"
                        figures[f"{label} first sign p50 ms"] = _milliseconds([s.seconds for s in signs], 50)
                        figures[f"{label} first sign p95 ms"] = _milliseconds([s.seconds for s in signs], 95)
                        figures[f"{label} first message p95 ms"] = _milliseconds([s.message_seconds for s in signs], 95)
                        figures[f"{label} place in line"] = sum(sign.is_queued for sign in signs)
            finally:
                await asyncio.to_thread(postgres.stop)
    return figures


@dataclass
class Sign:
    asked_at: float
    seconds: float = inf
    """Until anything was seen: the mark on the question, or our first message below it."""
    message_seconds: float = inf
    is_queued: bool = False
    """True when that message was a place in line."""


async def _first_signs(house: House, pause: float) -> list[Sign]:
    """What was seen of each question, in the order in which they were asked."""
    signs: dict[str, Sign] = {}

    def note(change: Json) -> None:
        message: Json = change.get("message") or {}
        asked = signs.get(str(message.get("thread_ts") if message.get("bot_id") else message.get("ts")))
        if asked is None or change.get("type") != "message":
            return
        seconds = time.perf_counter() - asked.asked_at
        if message.get("bot_id") and asked.message_seconds == inf:
            asked.message_seconds, asked.is_queued = seconds, "queued" in str(message.get("text"))
        if message.get("bot_id") or message.get("reactions"):
            asked.seconds = min(asked.seconds, seconds)

    house.workspace.room.listeners.append(note)
    house.bigquery.delay_seconds = WORKING_SECONDS
    asked: dict[str, str] = {}
    for number in range(QUESTIONS):
        channel, at = CHANNELS[number % len(CHANNELS)], time.perf_counter()
        # Nothing is delivered before this task lets go of the loop, so no sign can come before it is looked for.
        ts = await house.ask(QUESTION, user=PEOPLE[number % len(PEOPLE)], channel=channel)
        asked[ts], signs[ts] = channel, Sign(at)
        await asyncio.sleep(pause)
    await house.until(lambda: all(sign.message_seconds < inf for sign in signs.values()), PATIENCE_SECONDS)
    house.bigquery.delay_seconds = 0.0
    await house.until(lambda: all(_is_answered(house, ts, channel) for ts, channel in asked.items()), 240)
    house.workspace.room.listeners.remove(note)
    return list(signs.values())


def _milliseconds(seconds: list[float], percentile: int) -> int:
    return round(statistics.quantiles(seconds, n=100)[percentile - 1] * 1000)


def _is_answered(house: House, ts: str, channel: str) -> bool:
    answers = house.workspace.answers(channel, ts)
    return len(answers) == 1 and is_final(answers[0])
