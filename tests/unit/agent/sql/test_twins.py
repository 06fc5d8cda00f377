"""Cheaper statements: what is rewritten, what it gives up, and what is left alone."""

from datetime import date

import pytest

from agent.bigquery.warehouse import ColumnInfo, TableInfo
from agent.sql.twins import rewrites_of

TYPES = {
    "order_id": "INT64",
    "items": "ARRAY<STRUCT<sku STRING>>",
    "status": "STRING",
    "a": "INT64",
    "b": "INT64",
    "c": "INT64",
    "total": "NUMERIC",
}
ORDERS = TableInfo("p.shop.orders", tuple(ColumnInfo(name, kind) for name, kind in TYPES.items()))


def rewritten(sql: str) -> dict[str, tuple[str, dict[str, object]]]:
    """The statement on one line and what it gives up, by its kind."""
    twins = rewrites_of(sql, (ORDERS,), "p", date(2026, 1, 15))
    return {twin.gives_up.code: (" ".join(twin.sql.split()), dict(twin.gives_up.params)) for twin in twins}


@pytest.mark.parametrize(
    ("where", "shorter", "since", "until"),
    [
        ("d BETWEEN '2025-01-01' AND '2025-12-31'", "BETWEEN '2025-12-02' AND", "2025-12-02", "2025-12-31"),
        ("d >= DATE '2025-01-01' AND d < DATE '2025-02-01'", "'2025-01-25'", "2025-01-25", "2025-01-31"),
        ("_TABLE_SUFFIX BETWEEN '20250101' AND '20250110'", "BETWEEN '20250110'", "2025-01-10", "2025-01-10"),
        ("DATE(t) > DATE '2025-01-01'", "'2025-12-16'", "2025-12-17", "2026-01-15"),
        ("t >= TIMESTAMP('2025-01-01 06:00:00+09') AND x = 1", "'2025-12-17 06:00:00+09'", "2025-12-17", "2026-01-15"),
    ],
)  # fmt: skip
def test_the_last_part_of_a_period_is_kept(where: str, shorter: str, since: str, until: str) -> None:
    sql, params = rewritten(f"SELECT COUNT(*) FROM shop.orders WHERE {where}")["twin.period"]
    assert shorter in sql
    assert params == {"since": since, "until": until}


@pytest.mark.parametrize(
    "where",
    [
        "d >= '2025-01-01' AND d < '2025-01-03'",  # short enough
        "d >= '2025-01-01' OR x = 1",  # the bound does not hold for every row
        "d >= DATE_SUB(CURRENT_DATE(), INTERVAL 3 MONTH)",
        "d >= '2025-02-30'",
        "price >= 20250101",
        "NOT d >= '2025-01-01'",
    ],
)
def test_what_is_no_long_period_is_left_alone(where: str) -> None:
    assert "twin.period" not in rewritten(f"SELECT COUNT(*) FROM shop.orders WHERE {where}")


def test_of_a_star_the_columns_that_the_statement_speaks_of_stay() -> None:
    sql, params = rewritten("SELECT o.* FROM shop.orders AS o WHERE total > 5 ORDER BY total")["twin.columns"]
    assert params == {"columns": "order_id, status, a, b, total"}
    assert sql.startswith("SELECT `order_id`, `status`, `a`, `b`, `total` FROM shop.orders AS o WHERE")


def test_a_sample_is_taken_of_one_table_only() -> None:
    sql, params = rewritten("WITH x AS (SELECT * FROM `p.shop.orders` AS o) SELECT COUNT(*) FROM x")["twin.sample"]
    assert "FROM `p.shop.orders` AS o TABLESAMPLE SYSTEM (10 PERCENT)" in sql
    assert params == {"percent": 10, "table": "shop.orders"}
    for sql in ("SELECT 1 FROM shop.a JOIN shop.b USING (id)", "SELECT 1 FROM shop.a, shop.b", "SELECT 1"):
        assert "twin.sample" not in rewritten(sql)


@pytest.mark.parametrize(
    "sql",
    [
        "DELETE FROM shop.orders WHERE d > '2025-01-01'",
        "SELECT 1 FROM shop.a; SELECT 2",
        "SELECT * FROM (",
        "SELECT * FROM shop.orders" + " " * 40_000,
    ],
)
def test_what_is_no_single_read_has_no_twin(sql: str) -> None:
    assert rewritten(sql) == {}
