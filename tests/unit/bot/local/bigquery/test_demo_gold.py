"""The golden answers are what the demo shop answers, and nowhere near a prompt."""

import json
from importlib import resources
from typing import Any

import pytest

from agent.evals.compare import equals_gold
from bot.local.bigquery.schema import Project

GOLDEN: list[dict[str, Any]] = json.loads((resources.files("agent") / "evals" / "demo.json").read_text())

PYTHON_TYPE = {"INTEGER": int, "FLOAT": float}


@pytest.mark.parametrize("golden", GOLDEN, ids=[str(golden["id"]) for golden in GOLDEN])
def test_the_golden_sql_gives_the_golden_rows(warehouse: Any, golden: dict[str, Any]):
    schema = warehouse.plan(golden["sql"]).schema
    types = [PYTHON_TYPE.get(field["type"], str) for field in schema]
    rows = [
        [None if cell is None else python_type(cell) for cell, python_type in zip(row, types, strict=True)]
        for row in warehouse.rows(golden["sql"])
    ]
    assert [field["name"] for field in schema] == golden["columns"]
    # Sums of floats depend on the order of their terms, which an engine may change: the last digit may differ.
    assert [[pytest.approx(cell, rel=1e-9) if isinstance(cell, float) else cell for cell in row] for row in rows] == (
        golden["rows"]
    )


def test_there_are_thirty_questions_and_the_first_is_asked_in_three_languages():
    assert [golden["id"] for golden in GOLDEN] == list(range(1, 31))
    assert set(GOLDEN[0]["translations"]) == {"ko", "ja"}


def examples(shop: Project) -> set[str]:
    lines = (line for table in shop.tables for line in table.spec.description.splitlines())
    return {line for line in lines if line.startswith(("SELECT ", "WITH "))}


def test_no_golden_sql_and_no_golden_question_stands_in_a_description(shop: Project):
    descriptions = " ".join(
        " ".join(text.lower().split())
        for table in shop.tables
        for text in (table.spec.description, *(column.description for column in table.spec.columns))
    )
    for golden in GOLDEN:
        assert " ".join(golden["sql"].lower().split()) not in descriptions
        assert golden["question"].lower().rstrip("?") not in descriptions


def test_the_examples_in_the_descriptions_run_and_answer_no_golden_question(shop: Project, warehouse: Any):
    assert examples(shop)
    for sql in examples(shop):
        types = [PYTHON_TYPE.get(field["type"], str) for field in warehouse.plan(sql).schema]
        rows = [
            [None if cell is None else python_type(cell) for cell, python_type in zip(row, types, strict=True)]
            for row in warehouse.rows(sql)
        ]
        assert rows, sql
        assert not [golden["id"] for golden in GOLDEN if equals_gold(rows, golden["rows"])], sql


def test_some_products_were_never_sold(warehouse: Any):
    [[number]] = warehouse.rows(GOLDEN[22]["sql"])
    assert int(number) > 0
