import pytest

from agent.bigquery.warehouse import TableInfo
from agent.catalog.quoting import quote_wildcards

TABLES = (TableInfo("p.web.events_*", ()), TableInfo("p.shop.orders", ()))


@pytest.mark.parametrize(
    ("sql", "quoted"),
    [
        ("SELECT 1 FROM web.events_* WHERE x", "SELECT 1 FROM `web.events_*` WHERE x"),
        ("SELECT 1 FROM p.web.events_*, UNNEST(items)", "SELECT 1 FROM `p.web.events_*`, UNNEST(items)"),
    ],
)
def test_a_bare_wildcard_table_is_quoted(sql: str, quoted: str):
    assert quote_wildcards(sql, TABLES, "p") == quoted


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT 1 FROM `web.events_*`",
        "SELECT 1 FROM `p.web.events_*`",
        "SELECT 'web.events_*', \"it's web.events_*\"",
        "SELECT 1 -- web.events_*",
        "SELECT 1 /* web.events_* */",
        "SELECT 1 FROM other.web.events_*",
        "SELECT price_* 2 FROM shop.orders",
    ],
)
def test_nothing_else_is_touched(sql: str):
    assert quote_wildcards(sql, TABLES, "p") == sql
