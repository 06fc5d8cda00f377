"""The hand-made attacks in other spellings: not one of them gets past the gate."""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agent.policy.access import DatasetAllowlist
from agent.sql.gate import Gate
from agent.sql.googlesql.thread import EngineThread
from agent.sql.rules import GateRules
from tests.sql_mutations import mutated, nested, respaced, tokens_of

FILE = Path(__file__).parents[3] / "data" / "adversarial.jsonl"
ROWS: list[dict[str, Any]] = [json.loads(line) for line in FILE.read_text(encoding="utf-8").split("\n") if line]
ATTACKS = [row for row in ROWS if row["expect"] != "allow"]
READS = [row for row in ROWS if row["expect"] == "allow"]
GRANTS = ("sales", "ga", "ga4", "bigquery-public-data.google_analytics_sample")

# The same examples in every run: what a new spelling finds is for who changes the gate, not for who changes a button.
thorough = settings(
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)


@pytest.fixture(scope="module")
def gate(googlesql_cache: Path) -> Iterator[Gate]:
    engine = EngineThread(googlesql_cache)
    yield Gate(engine, GateRules(DatasetAllowlist.parse(GRANTS, "proj-x"), "proj-x"))
    asyncio.run(engine.close())


@settings(thorough, max_examples=1200)
@given(data=st.data())
async def test_no_spelling_of_an_attack_is_allowed(gate: Gate, data: st.DataObject) -> None:
    row = data.draw(st.sampled_from(ATTACKS))
    sql = data.draw(mutated(row["sql"]))
    verdict = await gate.check(sql)
    assert verdict.decision != "allow", (row["id"], verdict.reasons)
    assert verdict.sql == sql


@settings(thorough, max_examples=60)
@given(data=st.data())
async def test_no_depth_hides_an_attack(gate: Gate, data: st.DataObject) -> None:
    row = data.draw(st.sampled_from(ATTACKS))
    sql = data.draw(nested(row["sql"], (10, 41, 100, 500, 2000)))
    assert (await gate.check(sql)).decision != "allow", row["id"]


@settings(thorough, max_examples=200)
@given(data=st.data())
async def test_a_read_in_another_spelling_is_still_read_alike(gate: Gate, data: st.DataObject) -> None:
    """Else the properties above would hold because every mutation is nonsense."""
    row = data.draw(st.sampled_from(READS))
    sql = data.draw(respaced(row["sql"]))
    plain, other = await gate.check(row["sql"]), await gate.check(sql)
    assert (other.decision, other.tables) == (plain.decision, plain.tables), row["id"]


@pytest.mark.parametrize("row", ROWS, ids=[row["id"] for row in ROWS])
def test_no_byte_is_lost_between_the_tokens(row: dict[str, Any]) -> None:
    assert "".join(text for _, text in tokens_of(row["sql"])) == row["sql"]
