"""The gate on statements of public repositories, where the file is: it is not part of this repository."""

import asyncio
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from agent.sql.gate import Gate
from agent.sql.googlesql.thread import EngineThread
from bot.cli.sql_grants import rules_of
from tests.gate_corpus import CORPUS, HOW_TO_GET, MISLABELLED, is_asked_by_construct, statements

pytestmark = [pytest.mark.skipif(not CORPUS.exists(), reason=HOW_TO_GET), pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def gate(googlesql_cache: Path) -> Iterator[Gate]:
    engine = EngineThread(googlesql_cache)
    yield Gate(engine, rules_of(["*"], "proj-x"))
    asyncio.run(engine.close())


def sampled() -> Iterator[dict[str, Any]]:
    """Everything that must not pass, and every fourth read; `make bench` takes all."""
    for n, row in enumerate(statements()):
        if row["expect"] != "allow" or n % 4 == 0:
            yield row


async def test_no_write_is_allowed_and_real_reads_pass(gate: Gate) -> None:
    let_through: set[str] = set()
    reads: Counter[str] = Counter()
    for row in sampled():
        verdict = await gate.check(row["sql"])
        if row["expect"] in ("deny", "escalate") and verdict.decision == "allow":
            let_through.add(row["id"])
        if (row["dialect"], row["expect"]) == ("bigquery", "allow") and not is_asked_by_construct(verdict):
            reads[verdict.decision] += 1
    assert let_through == MISLABELLED
    assert reads["allow"] / reads.total() >= 0.985, reads
