"""How soon somebody sees that they were heard: twenty questions at once to the daemon, in flight or in line."""

import asyncio
import os
import statistics
import tempfile
import time
from pathlib import Path

from bot.local.slack.shapes import Json
from bot.storage.embedded import EmbeddedPostgres
from tests.scenario.house import House, is_final, open_house

QUESTIONS = 20
QUESTION = "How many orders were placed in 2025?"
WORKING_SECONDS = 4.0
"""How long BigQuery takes: so long all of them are in flight."""
PEOPLE = ("U0ANA", "U0MINSU", "U0AOI")
CHANNELS = ("C0GENERAL", "C0SALES", "C0PARTNERS")
PACES = {"at once": 0.0, "at the pace of Slack": 0.12}
"""Seconds between two questions. Slack delivers at most 30 000 events an hour to an app in a workspace."""
REFILL_SECONDS = 8.0
"""A channel takes a post a second and short bursts: between two rounds they fill up again."""
PATIENCE_SECONDS = 120.0


async def measure() -> dict[str, float | int]:
    """With a worker for each of them, and with four workers, so that sixteen are told their place in line."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "data-bolt" / "googlesql"
    figures: dict[str, float | int] = {"questions at once": QUESTIONS}
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
                        waits, queued = await _first_signs(house, pause)
                        label = f"{workers} workers, {pace}: first sign"
                        figures[f"{label} p50 ms"] = round(statistics.median(waits) * 1000)
                        figures[f"{label} p95 ms"] = round(statistics.quantiles(waits, n=20)[-1] * 1000)
                        figures[f"{label} is a place in line"] = queued
            finally:
                await asyncio.to_thread(postgres.stop)
    return figures


async def _first_signs(house: House, pause: float) -> tuple[list[float], int]:
    """Seconds until the first message of ours below each question, and how many of those said "queued"."""
    signs: dict[str, tuple[float, bool]] = {}

    def note(change: Json) -> None:
        message: Json = change.get("message") or {}
        if change.get("type") == "message" and message.get("bot_id"):
            is_queued = "queued" in str(message.get("text"))
            signs.setdefault(str(message.get("thread_ts")), (time.perf_counter(), is_queued))

    house.workspace.room.listeners.append(note)
    house.bigquery.delay_seconds = WORKING_SECONDS
    asked: dict[str, tuple[str, float]] = {}
    for number in range(QUESTIONS):
        channel, at = CHANNELS[number % len(CHANNELS)], time.perf_counter()
        ts = await house.ask(QUESTION, user=PEOPLE[number % len(PEOPLE)], channel=channel)
        asked[ts] = channel, at
        await asyncio.sleep(pause)
    await house.until(lambda: asked.keys() <= signs.keys(), PATIENCE_SECONDS)
    house.bigquery.delay_seconds = 0.0
    await house.until(lambda: all(_is_answered(house, ts, channel) for ts, (channel, _) in asked.items()), 240)
    house.workspace.room.listeners.remove(note)
    return [signs[ts][0] - at for ts, (_, at) in asked.items()], sum(signs[ts][1] for ts in asked)


def _is_answered(house: House, ts: str, channel: str) -> bool:
    answers = house.workspace.answers(channel, ts)
    return len(answers) == 1 and is_final(answers[0])
