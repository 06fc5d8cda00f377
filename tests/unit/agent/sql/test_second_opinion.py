import logging

import pytest

from agent.sql.second_opinion import Opinion, second_opinion


@pytest.mark.parametrize(
    ("sql", "tables"),
    [
        ("SELECT * FROM sales.a JOIN `p.d.t` USING (id)", {"sales.a", "p.d.t"}),
        ("WITH secret AS (SELECT 1) SELECT * FROM hr.secret", {"hr.secret"}),
        ("WITH x AS (SELECT * FROM sales.a) SELECT * FROM X", {"sales.a"}),
        ("SELECT * FROM sales.orders, orders.items", {"sales.orders"}),
        ("SELECT (SELECT MAX(i) FROM o.items) FROM sales.orders AS o", {"sales.orders"}),
    ],
)
def test_it_names_what_is_read_by_scope(sql: str, tables: set[str]) -> None:
    assert second_opinion(sql) == Opinion(1, "", frozenset(tables))


@pytest.mark.parametrize(
    ("sql", "statements", "foreign"),
    [
        ("SELECT 1; DROP TABLE sales.a", 2, "drop"),
        ("INSERT INTO sales.a SELECT 1", 1, "insert"),
        ("CREATE TABLE sales.a AS SELECT 1", 1, "create"),
    ],
)
def test_it_sees_what_is_no_single_read(sql: str, statements: int, foreign: str) -> None:
    opinion = second_opinion(sql)
    assert opinion is not None
    assert (opinion.statements, opinion.foreign) == (statements, foreign)


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT (((1)",
        "SELECT " + "(" * 3000 + "1" + ")" * 3000,
        "SELECT '" + "x" * 40_000 + "'",
        "FROM a.b |> LIMIT 1 |> LIMIT @x",  # sqlglot raises a ValueError here
    ],
)
def test_what_it_cannot_read_it_has_no_opinion_on(sql: str) -> None:
    assert second_opinion(sql) is None


def test_it_does_not_log_the_statement(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        second_opinion("VACUUM `somebody's data`")
    assert caplog.records == []
