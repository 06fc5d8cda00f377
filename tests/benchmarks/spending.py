"""Five hundred mixed turns of the whole daemon with kill -9 in between: BigQuery's bill, the audit and the budgets."""

import asyncio
import os
import tempfile
import time
from pathlib import Path

from bot.storage.embedded import EmbeddedPostgres
from tests.scenario.house import open_house
from tests.scenario.spending import SETTINGS, spend

TURNS = int(os.environ.get("SPENDING_TURNS", "500"))
KILLS = int(os.environ.get("SPENDING_KILLS", "12"))


async def measure() -> dict[str, float | int]:
    """Raises AssertionError where the three books disagree: then there is nothing to measure."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "data-bolt" / "googlesql"
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        folder.chmod(0o711)  # root's Postgres runs as another account
        postgres = EmbeddedPostgres(folder / "postgres")
        uri = await asyncio.to_thread(postgres.start)
        try:
            async with open_house(folder, uri, cache, **SETTINGS) as house:
                await house.start_daemon()
                started = time.perf_counter()
                books = await spend(house, uri, turns=TURNS, kills=KILLS, seed=5, patience_seconds=3600)
                seconds = time.perf_counter() - started
        finally:
            await asyncio.to_thread(postgres.stop)
    assert books.differences() == [], books.differences()
    return {
        "turns": books.turns,
        "kills": books.kills,
        "seconds": round(seconds, 1),
        "jobs at BigQuery": len(books.bigquery),
        "job rows in the audit": books.job_rows,
        "bytes billed by BigQuery": sum(books.bigquery.values()),
        "bytes in the audit": sum(books.audit.values()),
        "bytes in the budgets of people": sum(
            spent for who, (spent, _) in books.accounts.items() if who[:5] == "user:"
        ),
        "dollars in the budgets of people": float(
            sum(usd for who, (_, usd) in books.accounts.items() if who[:5] == "user:")
        ),
        "bytes still held": books.reserved,
        "model calls in the audit": books.model_calls,
        "decisions: run": books.decisions.get("auto_execute", 0),
        "decisions: asked": books.decisions.get("approval_required", 0),
        "decisions: blocked": books.decisions.get("blocked", 0),
        "of these by a budget": books.blocked_by_budget,
    }
