"""Views of the local BigQuery: their own query over their tables, wherever a statement names them."""

from collections.abc import Iterator
from typing import Any

import pytest

from bot.local.bigquery.errors import BigQueryError
from bot.local.bigquery.schema import ViewSpec

COUNTRIES = "SELECT country, COUNT(*) AS people FROM shop.users GROUP BY country -- by country"


@pytest.fixture(autouse=True)
def views(warehouse: Any) -> Iterator[None]:
    catalog = warehouse.warehouse.catalog
    before = dict(catalog.views)
    catalog.put_view(ViewSpec("reporting", "countries", COUNTRIES))
    catalog.put_view(ViewSpec("reporting", "big", "SELECT * FROM reporting.countries WHERE people > 100"))
    catalog.put_view(ViewSpec("reporting", "loop", "SELECT * FROM reporting.loop"))
    yield
    catalog.views.clear()
    catalog.views.update(before)


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT SUM(people) FROM reporting.countries",
        "SELECT SUM(countries.people) FROM `demo-proj.reporting.countries`",
        "SELECT SUM(c.people) FROM reporting.countries AS c JOIN reporting.countries AS d USING (country)",
        "WITH users AS (SELECT * FROM reporting.countries) SELECT SUM(people) FROM users",
    ],
)
def test_a_view_is_what_its_query_says_however_it_is_named(warehouse: Any, sql: str):
    assert warehouse.rows(sql) == warehouse.rows("SELECT COUNT(*) FROM shop.users")
    assert [table.full_name for table in warehouse.plan(sql).tables] == ["demo-proj.shop.users"]


def test_a_view_over_a_view_reads_the_tables_below_and_pays_for_the_columns_that_are_read(warehouse: Any):
    plan = warehouse.plan("SELECT country FROM reporting.big")
    assert [table.full_name for table in plan.tables] == ["demo-proj.shop.users"]
    assert plan.bytes_processed == warehouse.plan("SELECT country FROM shop.users").bytes_processed


@pytest.mark.parametrize(
    ("sql", "message"),
    [
        ("SELECT citizens FROM reporting.countries", "Unrecognized name: citizens at [1:8]"),
        ("SELECT people FROM reporting.big ORDER BY humans", "Unrecognized name: humans at [1:43]"),
        ("SELECT * FROM reporting.loop", "Exceeded the maximum number of nested views, 16."),
    ],
)
def test_what_is_wrong_is_told_of_the_text_as_written(warehouse: Any, sql: str, message: str):
    with pytest.raises(BigQueryError) as caught:
        warehouse.plan(sql)
    assert caught.value.message == message
