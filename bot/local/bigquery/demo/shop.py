"""The demo shop: a clothes shop's two years, 2024 and 2025, the same on every machine."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from bot.local.bigquery.demo import other_tables, sales_tables, shop_tables
from bot.local.bigquery.demo.dice import CLOSES, SEED, Dice
from bot.local.bigquery.demo.people_and_products import (
    PRODUCTS,
    distribution_center_rows,
    product_rows,
    user_rows,
)
from bot.local.bigquery.demo.salaries import salary_rows
from bot.local.bigquery.demo.sales import sales_rows
from bot.local.bigquery.demo.visits import event_rows, shard_rows
from bot.local.bigquery.schema import DatasetSpec, LocalTable, Project, Row, TableSpec, ViewSpec

PROJECT_ID: Final = "demo-proj"
LOCATION: Final = "US"
POLICY_TAG: Final = f"projects/{PROJECT_ID}/locations/us/taxonomies/4711/policyTags/1"

NEW_PRODUCTS: Final = 17
"""Listed after the last sale of the history: never sold, and not in stock yet."""

_NEW_PRODUCTS_SEED: Final = SEED + 1

DATASETS: Final = (
    DatasetSpec("shop", "The shop: products, people, orders, stock, sessions."),
    DatasetSpec("web", "Web analytics, one table per day."),
    DatasetSpec("hr", "Confidential: people who work here."),
    DatasetSpec("reporting", "What anybody may see of what not everybody may read."),
)

VIEWS: Final = (
    ViewSpec(
        "reporting",
        "staff_by_title",
        "SELECT title, COUNT(*) AS people FROM `demo-proj.hr.salaries` GROUP BY title",
        "How many people work here, by title; nothing of any one of them.",
    ),
)
"""In a dataset that nobody is granted unless a policy says so: they are in no prompt and change no answer."""


def demo_project() -> Project:
    """Draws every row anew; takes about 0.2 s."""
    # One sequence of chance for all of these: their order is part of the data.
    dice = Dice(SEED)
    centers = distribution_center_rows(dice)
    products = product_rows(dice)
    users = user_rows(dice)
    sales = sales_rows(dice, users, products)
    events = event_rows(dice, users)
    shards = shard_rows(dice)
    salaries = salary_rows(dice)
    # A sequence of their own, so that they move nothing else.
    products += product_rows(Dice(_NEW_PRODUCTS_SEED), first_id=PRODUCTS + 1, number=NEW_PRODUCTS)
    tables = [
        _table(shop_tables.DISTRIBUTION_CENTERS, centers),
        _table(shop_tables.PRODUCTS, products),
        _table(shop_tables.USERS, users),
        _table(sales_tables.ORDERS, sales.orders),
        _table(sales_tables.ORDER_ITEMS, sales.order_items),
        _table(sales_tables.INVENTORY_ITEMS, sales.inventory_items),
        _table(shop_tables.EVENTS, events),
        *(_shard(day, rows) for day, rows in shards.items()),
        _table(other_tables.SALARIES, salaries),
    ]
    return Project(PROJECT_ID, LOCATION, DATASETS, tuple(tables), POLICY_TAG, VIEWS)


def _table(spec: TableSpec, rows: Sequence[Row], modified_at: datetime = CLOSES) -> LocalTable:
    return LocalTable(spec, rows, int(modified_at.timestamp() * 1000))


def _shard(day: str, rows: Sequence[Row]) -> LocalTable:
    day_after = datetime.strptime(day, "%Y%m%d").replace(tzinfo=UTC) + timedelta(days=1)
    return _table(other_tables.web_events(day), rows, day_after)
