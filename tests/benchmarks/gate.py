"""What the gate costs per statement, beside a parse by sqlglot of the same statements in the same run."""

import json
import os
import statistics
import time
from pathlib import Path

import sqlglot

from agent.policy.access import DatasetAllowlist
from agent.sql.gate import Gate
from agent.sql.googlesql.module_cache import default_cache_dir
from agent.sql.googlesql.thread import EngineThread
from agent.sql.rules import GateRules

ROUNDS = 5
GOLDEN = Path(__file__).parents[2] / "agent/evals/demo.json"


async def measure() -> dict[str, float | int]:
    statements = [golden["sql"] for golden in json.loads(GOLDEN.read_text())]
    rules = GateRules(DatasetAllowlist.parse(["shop", "web"], "demo-proj"), "demo-proj")
    async with EngineThread(default_cache_dir(os.environ)) as engine:
        gate = Gate(engine, rules)
        await gate.check("SELECT 1")  # opens the engine, reads its functions
        gated: list[float] = []
        parsed: list[float] = []
        for _ in range(ROUNDS):
            for sql in statements:
                started = time.perf_counter()
                await gate.check(sql)
                between = time.perf_counter()
                sqlglot.parse(sql, dialect="bigquery")
                parsed.append(time.perf_counter() - between)
                gated.append(between - started)
    return {
        "statements": len(statements),
        "rounds": ROUNDS,
        "gate p50 ms": round(statistics.median(gated) * 1000, 2),
        "sqlglot parse p50 ms": round(statistics.median(parsed) * 1000, 2),
        "gate over sqlglot parse, ratio of medians": round(statistics.median(gated) / statistics.median(parsed), 2),
    }
