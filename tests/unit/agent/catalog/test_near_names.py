from agent.bigquery.warehouse import TableInfo
from agent.catalog.near_names import near_names, tables_hint

TABLES = tuple(TableInfo(f"p.{name}", ()) for name in ("shop.orders", "shop.order_items", "shop.users", "web.events_*"))


def test_what_was_mistyped_is_found_whatever_its_case():
    assert near_names("Stauts", ["country", "status"]) == ["status"]


def test_what_is_like_nothing_has_no_near_name():
    assert near_names("revenue", ["status", "sale_price"]) == []


def test_near_tables_come_first_and_any_where_none_is_near():
    assert tables_hint("shop.order", TABLES, "p") == (
        "There is no table shop.order. There is: shop.orders, shop.order_items."
    )
    assert tables_hint("p.shop.x", TABLES, "p") == (
        "There is no table p.shop.x. There is: shop.orders, shop.order_items, shop.users, `web.events_*`."
    )
