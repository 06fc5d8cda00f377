from agent.bigquery.warehouse import ColumnInfo, TableInfo
from agent.catalog.choose import schema_text
from agent.catalog.render import render_examples, render_table, spoken_name

ORDERS = TableInfo(
    "proj.shop.orders",
    (
        ColumnInfo("order_id", "INT64"),
        ColumnInfo("status", "STRING", "Complete, Cancelled\nor Returned"),
        ColumnInfo("email", "STRING", "", ("pii",)),
    ),
    "One row per order",
)


def test_a_table_is_shown_with_its_rules_and_without_its_tagged_columns():
    assert render_table(ORDERS, "proj") == (
        "TABLE shop.orders - One row per order\norder_id INT64; status STRING - Complete, Cancelled or Returned"
    )


def test_names_are_quoted_where_sql_needs_it():
    assert spoken_name("proj.shop.orders", "proj") == "shop.orders"
    assert spoken_name("other.shop.orders", "proj") == "other.shop.orders"
    assert spoken_name("my-proj.shop.orders", "proj") == "`my-proj.shop.orders`"
    assert spoken_name("proj.web.events_*", "proj") == "`web.events_*`"


def test_example_queries_are_not_among_the_rules():
    told = TableInfo(ORDERS.name, ORDERS.columns, f"{ORDERS.description}\nExamples:\n-- How many?\nSELECT 1")
    assert render_table(told, "proj") == render_table(ORDERS, "proj")
    text = schema_text([told, ORDERS], "", default_project="proj", budget_chars=4000)
    assert text.endswith("\nExamples of right queries:\n-- How many?\nSELECT 1")


def test_example_queries_are_bounded_and_end_with_a_whole_line():
    endless = TableInfo("proj.shop.orders", (), "Examples:\n" + "-- How many?\nSELECT 1\n" * 1000)
    assert len(render_examples([endless])) < 3000
    assert set(render_examples([endless]).splitlines()[1:]) == {"-- How many?", "SELECT 1"}


def many() -> list[TableInfo]:
    filler = [TableInfo(f"proj.d.table_{n:03}", (ColumnInfo("x", "INT64", "filler " * 10),)) for n in range(100)]
    return [*filler, ORDERS]


def test_what_fits_is_the_same_text_for_every_question():
    texts = {
        schema_text([ORDERS], question, default_project="proj", budget_chars=4000) for question in ("orders?", "주문")
    }
    assert len(texts) == 1


def test_what_does_not_fit_is_chosen_by_the_question_and_bounded():
    text = schema_text(many(), "orders by status", default_project="proj", budget_chars=2000)
    assert text.startswith("TABLE shop.orders")
    assert len(text) <= 2001
    assert "Other tables" in text


def test_a_question_in_another_script_still_gets_a_full_schema():
    text = schema_text(many(), "주문 건수는?", default_project="proj", budget_chars=2000)
    assert text.startswith("TABLE d.table_000")
    assert len(text) <= 2001
