"""Next questions: only what can be pressed and answered."""

import pytest

from agent.answer_notes import AnswerNotes
from agent.bigquery.warehouse import ColumnInfo, TableInfo
from agent.llm.extras import with_extras
from agent.suggest import answerable, named_columns
from agent.turn import Language

TABLES = (
    TableInfo("p.shop.order_items", (ColumnInfo("sale_price", "FLOAT64"), ColumnInfo("email", "STRING", "", ("pii",)))),
)


def kept(*offered: str, asked: str = "Revenue in 2025?", language: Language = "en") -> list[str]:
    return answerable(offered, asked=[asked], language=language, tables=TABLES)


@pytest.mark.parametrize(
    ("language", "asked", "again", "other"),
    [
        ("en", "Revenue in 2025?", "revenue in 2025", "Revenue in 2024?"),
        ("ko", "2025년 매출은?", "2025년 매출은", "2024년 매출은?"),
        ("ja", "2025年の売上は?", "2025年の売上は", "2024年の売上は?"),
    ],
)
def test_a_question_is_not_asked_again_and_speaks_the_askers_language(
    language: Language, asked: str, again: str, other: str
):
    foreign = "국가별로는?" if language == "en" else "By country?"
    assert kept(again, other, f" {other} ", foreign, asked=asked, language=language) == [other]


def test_three_are_enough():
    assert kept("By month?", "By country?", "By brand?", "By colour?") == ["By month?", "By country?", "By brand?"]


@pytest.mark.parametrize(
    "question",
    [
        "What is the average sale_price?",
        "How many rows has shop.order_items?",
        "What about e.g. Germany?",
        "Which products sell best?",
    ],
)
def test_names_that_are_there_may_be_named(question: str):
    assert kept(question) == [question]


@pytest.mark.parametrize(
    "question",
    ["What is the average unit_cost?", "How many rows has hr.salaries?", "Sum of `margin`?", "And for <EMAIL_2>?", "?"],
)
def test_names_that_are_not_there_are_not_suggested(question: str):
    assert kept(question) == []


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, []),
        ({"next_questions": None}, []),
        ({"next_questions": "By month?"}, ["By month?"]),
        ({"next_questions": ["a", 7, "", "b", "c", "d"]}, ["a", "b", "c"]),
        ({"next_questions": ["x" * 120, "short"]}, ["short"]),
    ],
)
def test_what_a_weak_model_leaves_out_or_overdoes_is_left_out(given: dict[str, object], expected: list[str]):
    notes = AnswerNotes.model_validate(given)
    assert (notes.next_questions, notes.assumptions) == (expected, [])


def test_what_is_no_object_is_left_for_the_shape_to_refuse():
    assert with_extras([1], {"next_questions": (3, 120)}) == [1]


def test_only_the_open_columns_of_the_tables_that_are_read_are_named():
    assert named_columns("SELECT 1 FROM shop.order_items", TABLES) == "shop.order_items: sale_price"
    assert named_columns("SELECT 1 FROM shop.users", TABLES) == ""
