from agent.bigquery.warehouse import ColumnInfo, TableInfo
from agent.catalog.columns_hint import columns_hint

TABLES = (
    TableInfo("p.shop.orders", (ColumnInfo("order_id", "INT64"), ColumnInfo("email", "STRING", "", ("pii",)))),
    TableInfo("p.shop.users", (ColumnInfo("id", "INT64"), ColumnInfo("country", "STRING"))),
    TableInfo("p.web.events_*", (ColumnInfo("event_name", "STRING"),)),
)


def hint(sql: str, problem: str) -> str:
    return columns_hint(sql, problem, TABLES, "p")


def test_a_column_of_another_table_is_told_with_its_table():
    assert hint("SELECT o.country FROM shop.orders AS o", "Name country not found inside o at [1:8]") == (
        "country is a column of shop.users only: JOIN it."
    )


def test_for_a_column_of_no_table_the_named_tables_open_columns_are_told():
    assert hint("SELECT revenue FROM shop.orders", "Unrecognized name: revenue at [1:8]") == (
        "No table has a column revenue: write the expression for it.\nColumns of shop.orders: order_id"
    )


def test_shards_are_found_by_their_beginning():
    told = hint("SELECT x FROM `web.events_20251201`", "Unrecognized name: x at [1:8]")
    assert told.endswith("Columns of `web.events_*`: event_name")


def test_a_column_that_nobody_may_see_is_in_no_table():
    assert "email" not in hint("SELECT email FROM shop.orders", "Unrecognized name: email").partition("\n")[2]
    assert hint("SELECT email FROM shop.orders", "Unrecognized name: email").startswith("No table has a column email:")


def test_nothing_is_said_of_other_errors():
    assert hint("SELECT (1 FROM shop.orders", "Syntax error: Expected )") == ""


def test_a_mistyped_column_is_told_its_near_names():
    assert hint("SELECT order_di FROM shop.orders", "Unrecognized name: order_di at [1:8]") == (
        "No table has a column order_di: did you mean order_id?\nColumns of shop.orders: order_id"
    )
