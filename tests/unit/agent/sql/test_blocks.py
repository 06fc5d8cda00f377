import pytest

from agent.sql.blocks import MAX_SQL_CHARS, sql_in


@pytest.mark.parametrize(
    ("text", "sql"),
    [
        ("run this\n```sql\nSELECT 1\n```\nplease", "SELECT 1"),
        ("```\nSELECT 2\n```", "SELECT 2"),
        ("```SELECT 3```", "SELECT 3"),
        ("```json\n{}\n```\n```sql\nSELECT 4\n```", "SELECT 4"),
        ("  select count(*) from shop.orders  ", "select count(*) from shop.orders"),
        ("WITH a AS (SELECT 1) SELECT * FROM a", "WITH a AS (SELECT 1) SELECT * FROM a"),
        ("-- how many\nSELECT 5", "-- how many\nSELECT 5"),
        ("```sql\nDROP TABLE shop.orders\n```", "DROP TABLE shop.orders"),
    ],
)
def test_sql_that_a_person_wrote_is_found(text: str, sql: str):
    assert sql_in(text) == sql


@pytest.mark.parametrize(
    "text",
    [
        "",
        "How many orders?",
        "With that in mind, how many orders?",
        "please select a product",
        "```json\n{}\n```",
        "``` ```",
        "orders select from",
    ],
)
def test_words_are_not_sql(text: str):
    assert sql_in(text) is None


def test_a_statement_is_bounded():
    assert len(sql_in("SELECT " + "1," * 40_000) or "") == MAX_SQL_CHARS
