"""What the gate says and costs: on the golden questions beside a parse by sqlglot, and on the corpus where it is."""

import json
import os
import statistics
import time
from collections import Counter
from pathlib import Path

import sqlglot

from agent.policy.access import DatasetAllowlist
from agent.sql.gate import Gate
from agent.sql.googlesql.module_cache import default_cache_dir
from agent.sql.googlesql.thread import EngineThread
from agent.sql.rules import GateRules
from bot.cli.sql_grants import rules_of
from tests.gate_corpus import CORPUS, HOW_TO_GET, MISLABELLED, is_asked_by_construct
from tests.gate_corpus import statements as corpus_statements

ROUNDS = 5
GOLDEN = Path(__file__).parents[2] / "agent/evals/demo.json"
DECISIONS = ("allow", "approval", "deny")


async def measure() -> dict[str, float | int | str]:
    async with EngineThread(default_cache_dir(os.environ)) as engine:
        return {**await _beside_sqlglot(engine), **await _corpus(engine)}


async def _beside_sqlglot(engine: EngineThread) -> dict[str, float | int | str]:
    statements = [golden["sql"] for golden in json.loads(GOLDEN.read_text())]
    gate = Gate(engine, GateRules(DatasetAllowlist.parse(["shop", "web"], "demo-proj"), "demo-proj"))
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


async def _corpus(engine: EngineThread) -> dict[str, float | int | str]:
    """A confusion table for each dialect, and times over every statement, with everything granted."""
    if not CORPUS.exists():
        return {"corpus": f"left out: {HOW_TO_GET}"}
    gate = Gate(engine, rules_of(["*"], "proj-x"))
    await gate.check("SELECT 1")
    told: Counter[tuple[str, str, str]] = Counter()
    seconds: list[float] = []
    asked = 0
    for row in corpus_statements():
        if row["id"] in MISLABELLED:
            continue
        started = time.perf_counter()
        verdict = await gate.check(row["sql"])
        seconds.append(time.perf_counter() - started)
        told[row["dialect"], row["expect"], verdict.decision] += 1
        asked += (row["dialect"], row["expect"]) == ("bigquery", "allow") and is_asked_by_construct(verdict)
    reads = sum(told["bigquery", "allow", decision] for decision in DECISIONS)
    percentiles = statistics.quantiles(seconds, n=100)
    return {
        "corpus": len(seconds),
        "left out for a wrong label": ", ".join(sorted(MISLABELLED)),
        **{
            f"{dialect}, expected {expect}": ", ".join(f"{word} {told[dialect, expect, word]}" for word in DECISIONS)
            for dialect, expect in sorted({(dialect, expect) for dialect, expect, _ in told})
        },
        "bigquery reads that a construct sends to a person": asked,
        "other bigquery reads allowed, percent": round(100 * told["bigquery", "allow", "allow"] / (reads - asked), 2),
        "corpus p50 ms": round(percentiles[49] * 1000, 2),
        "corpus p99 ms": round(percentiles[98] * 1000, 2),
        "corpus max ms": round(max(seconds) * 1000, 2),
    }
