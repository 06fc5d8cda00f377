import pytest

from agent.bigquery.warehouse import TableInfo
from agent.catalog.examples import nearest_examples

TABLES = (
    TableInfo("p.d.orders", (), "Orders.\nExamples:\n-- Orders by city (도시별 주문, 都市別の注文)\nSELECT 1\n"),
    TableInfo("p.d.users", (), "Users.\nExamples:\n-- Users by age\nSELECT 2\n\n-- Names of users (이름)\nSELECT 3"),
    TableInfo("p.d.plain", (), "No queries: just users by age."),
)


def test_the_likest_example_comes_last():
    assert nearest_examples(TABLES, "How many users are there by age?").endswith("-- Users by age\nSELECT 2")


@pytest.mark.parametrize("question", ["국가별 주문 건수", "国別の注文は", "orders today"])
def test_an_example_is_found_in_each_language_of_its_title(question: str):
    assert nearest_examples(TABLES, question).endswith("SELECT 1")


def test_nothing_like_the_question_is_no_example():
    assert nearest_examples(TABLES, "hello") == ""


def test_there_are_a_few_at_most():
    many = TableInfo("p.d.many", (), "Examples:\n" + "-- users\nSELECT 1\n" * 50)
    assert nearest_examples([many], "users").count("SELECT") == 2
