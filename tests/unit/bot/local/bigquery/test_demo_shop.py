from bot.local.bigquery.demo.shop import demo_project
from bot.local.bigquery.schema import LocalTable, Project


def table(shop: Project, dataset: str, name: str) -> LocalTable:
    [found] = [table for table in shop.tables if (table.spec.dataset, table.spec.name) == (dataset, name)]
    return found


def test_the_shop_is_the_same_every_time(shop: Project):
    assert demo_project() == shop


def test_every_row_has_exactly_the_columns_of_its_table(shop: Project):
    for local_table in shop.tables:
        columns = {column.name for column in local_table.spec.columns}
        assert all(set(row) == columns for row in local_table.rows), local_table.spec.name


SELF_EVIDENT = frozenset(
    {
        "id",
        "order_id",
        "name",
        "brand",
        "sku",
        "latitude",
        "longitude",
        "city",
        "state",
        "country",
        "uri",
        "session_id",
        "sequence_number",
        "created_at",
        "num_of_item",
        "inventory_item_id",
        "geo",
        "product_category",
        "product_name",
        "product_brand",
        "product_retail_price",
        "product_department",
        "product_sku",
        "product_distribution_center_id",
    }
)
"""Columns that need no words: every word is one more that a small model reads before each question."""


def test_every_table_and_column_says_what_it_is(shop: Project):
    for local_table in shop.tables:
        assert local_table.spec.description
        silent = {column.name for column in local_table.spec.columns if not column.description}
        assert silent <= SELF_EVIDENT, local_table.spec.name


def test_personal_columns_are_tagged_wherever_they_are_described_as_such(shop: Project):
    for local_table in shop.tables:
        for column in local_table.spec.columns:
            assert column.is_personal == column.description.startswith("Personal data"), column.name
    assert {column.name for column in table(shop, "shop", "users").spec.columns if column.is_personal} == {
        *("first_name", "last_name", "email", "street_address", "postal_code"),
    }


def test_new_products_are_described_like_the_others_and_sell_nothing(shop: Project):
    products = table(shop, "shop", "products").rows
    sold = {row["product_id"] for row in table(shop, "shop", "order_items").rows}
    never_sold = [row["id"] for row in products if row["id"] not in sold]
    assert never_sold == list(range(401, 418))
    assert len({row["id"] for row in products}) == len(products) == 417
