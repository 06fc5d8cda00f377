"""The gold of the sql suite is what its hand-written SQL gives on the demo shop, every accepted variant included."""

import json
from importlib import resources
from typing import Any

import pytest

CASES: list[dict[str, Any]] = json.loads((resources.files("agent") / "evals" / "sql.json").read_text(encoding="utf-8"))
PYTHON_TYPE = {"INTEGER": int, "FLOAT": float}


def answered(warehouse: Any, sql: str) -> tuple[list[str], list[list[Any]]]:
    schema = warehouse.plan(sql).schema
    types = [PYTHON_TYPE.get(field["type"], str) for field in schema]
    rows = [
        [None if cell is None else python_type(cell) for cell, python_type in zip(row, types, strict=True)]
        for row in warehouse.rows(sql)
    ]
    # Sums of floats depend on the order of their terms: the last digit may differ.
    near = [[pytest.approx(cell, rel=1e-9) if isinstance(cell, float) else cell for cell in row] for row in rows]
    return [field["name"] for field in schema], near


@pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])
def test_the_gold_sql_gives_the_gold_rows(warehouse: Any, case: dict[str, Any]):
    assert answered(warehouse, case["sql"]) == (case["columns"], case["rows"])
    variants = [answered(warehouse, sql)[1] for sql in case.get("also_sql", [])]
    assert variants == case.get("also", [])


@pytest.mark.parametrize("case", [case for case in CASES if case.get("history")], ids=lambda case: case["id"])
def test_the_conversation_before_a_follow_up_could_have_happened(warehouse: Any, case: dict[str, Any]):
    """The previous SQL runs, and the bot's words hold that very SQL and its first row."""
    columns, rows = answered(warehouse, case["previous_sql"])
    said = case["history"][-1]["text"]
    assert case["previous_sql"] in said
    first = json.loads(said.rpartition(": {")[2].join(["{", ""]))
    assert list(first) == columns
    assert list(first.values()) == rows[0]


def test_there_are_thirty_paraphrases_and_follow_ups_in_three_languages():
    assert len(CASES) >= 30
    follow_ups = [case for case in CASES if case.get("history")]
    assert min(len(follow_ups), len(CASES) - len(follow_ups)) >= 10
    assert {case["language"] for case in follow_ups} == {"en", "ko", "ja"}
