from agent.bigquery.warehouse import ColumnInfo, TableInfo
from agent.catalog.columns_hint import columns_hint

TABLES = (
    TableInfo("p.shop.orders", (ColumnInfo("order_id", "INT64"), ColumnInfo("email", "STRING", "", ("pii",)))),
    TableInfo("p.shop.users", (ColumnInfo("id", "INT64"),)),
    TableInfo("p.web.events_*", (ColumnInfo("event_name", "STRING"),)),
)


def test_the_tables_that_the_sql_names_are_told_with_their_open_columns():
    hint = columns_hint("SELECT revenue FROM shop.orders", TABLES, "p")
    assert hint == "Columns of shop.orders: order_id"


def test_shards_are_found_by_their_beginning():
    assert columns_hint("SELECT x FROM `web.events_20251201`", TABLES, "p") == "Columns of `web.events_*`: event_name"


def test_nothing_is_said_of_what_is_not_named():
    assert columns_hint("SELECT 1", TABLES, "p") == ""
