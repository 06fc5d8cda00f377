"""SQL is laid out by line ends alone: what people read is what ran."""

import pytest

from agent.evals.golden import load_golden
from agent.sql.layout import laid_out


@pytest.mark.parametrize("golden", load_golden("demo"), ids=lambda golden: str(golden.id))
def test_nothing_but_blanks_changes(golden: object) -> None:
    sql = golden.sql  # type: ignore[attr-defined]
    shown = laid_out(sql)
    assert "".join(shown.split()) == "".join(sql.split())
    assert "\n" in shown


def test_clauses_begin_lines_and_queries_in_parentheses_are_indented() -> None:
    sql = "WITH m AS (SELECT EXTRACT(YEAR FROM b) AS y FROM t) SELECT y FROM m LEFT JOIN n ON m.y = n.y WHERE y > 1"
    assert laid_out(sql).splitlines() == [
        "WITH m AS (",
        "  SELECT EXTRACT(YEAR FROM b) AS y",
        "  FROM t",
        ")",
        "SELECT y",
        "FROM m",
        "LEFT JOIN n ON m.y = n.y",
        "WHERE y > 1",
    ]


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT 'FROM x WHERE' AS `from where`, t.from FROM t",
        "SELECT /* FROM here */ 1 FROM t -- WHERE nothing",
        "SELECT ((((1)))) FROM (SELECT 1) WHERE x IN (SELECT 2)",
        ")) SELECT ((",
    ],
)
def test_texts_names_and_comments_keep_their_words(sql: str) -> None:
    assert "".join(laid_out(sql).split()) == "".join(sql.split())
    for kept in ("'FROM x WHERE'", "`from where`", "/* FROM here */", "-- WHERE nothing"):
        assert (kept in sql) == (kept in laid_out(sql))


@pytest.mark.parametrize("sql", ["SELECT 1\nFROM t", "SELECT 'open", "x " * 20_000, ""])
def test_what_has_lines_already_or_cannot_be_read_stays_as_it_is(sql: str) -> None:
    assert laid_out(sql) == sql
