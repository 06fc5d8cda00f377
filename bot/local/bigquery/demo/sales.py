"""Rows of what people bought: orders, their items, and the stock that the items came from."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from bot.local.bigquery.demo.dice import CLOSES, OPENED, Dice, iso, iso_or_none
from bot.local.bigquery.demo.vocabulary import ORDER_STATUSES
from bot.local.bigquery.schema import Row

UNSOLD_ITEMS = 800


@dataclass(frozen=True, slots=True)
class _Order:
    """What an order and each of its items have in common."""

    id: int
    user: Row
    status: str
    created_at: datetime
    shipped_at: datetime | None
    delivered_at: datetime | None
    returned_at: datetime | None

    def times(self) -> dict[str, str | None]:
        return {
            "created_at": iso(self.created_at),
            "shipped_at": iso_or_none(self.shipped_at),
            "delivered_at": iso_or_none(self.delivered_at),
            "returned_at": iso_or_none(self.returned_at),
        }


@dataclass(slots=True)
class Sales:
    orders: list[Row] = field(default_factory=list[Row])
    order_items: list[Row] = field(default_factory=list[Row])
    inventory_items: list[Row] = field(default_factory=list[Row])


def sales_rows(dice: Dice, users: Sequence[Row], products: Sequence[Row]) -> Sales:
    sales = Sales()
    for user in users:
        for _ in range(dice.choices([0, 1, 2, 3, 4], [0.3, 0.4, 0.17, 0.09, 0.04])[0]):
            _add_order(dice, sales, user, products)
    for _ in range(UNSOLD_ITEMS):
        product = dice.choice(products)
        stocked_at = dice.moment(OPENED, CLOSES)
        sales.inventory_items.append(_inventory_item(len(sales.inventory_items) + 1, product, stocked_at, None))
    return sales


def _add_order(dice: Dice, sales: Sales, user: Row, products: Sequence[Row]) -> None:
    order = _draw_order(dice, len(sales.orders) + 1, user)
    items = dice.choices([1, 2, 3, 4], [0.7, 0.2, 0.06, 0.04])[0]
    sales.orders.append(
        {
            "order_id": order.id,
            "user_id": user["id"],
            "status": order.status,
            "gender": user["gender"],
            **order.times(),
            "num_of_item": items,
        }
    )
    for _ in range(items):
        _add_item(dice, sales, order, dice.choice(products))


def _draw_order(dice: Dice, order_id: int, user: Row) -> _Order:
    created_at = dice.moment(datetime.fromisoformat(str(user["created_at"])), CLOSES)
    # The youngest orders are mostly still on their way.
    processing = 0.1 if (CLOSES - created_at).days > 14 else 0.5
    status = dice.choices(ORDER_STATUSES, [0.35, 0.3, processing, 0.15, 0.1])[0]
    shipped_at = delivered_at = returned_at = None
    if status in ("Complete", "Shipped", "Returned"):
        shipped_at = created_at + timedelta(hours=dice.uniform(4, 72))
    if shipped_at and status in ("Complete", "Returned"):
        delivered_at = shipped_at + timedelta(hours=dice.uniform(12, 120))
    if delivered_at and status == "Returned":
        returned_at = delivered_at + timedelta(hours=dice.uniform(5, 70))
    return _Order(order_id, user, status, created_at, shipped_at, delivered_at, returned_at)


def _add_item(dice: Dice, sales: Sales, order: _Order, product: Any) -> None:
    inventory_id = len(sales.inventory_items) + 1
    stocked_at = order.created_at - timedelta(days=dice.randint(1, 60))
    sales.inventory_items.append(_inventory_item(inventory_id, product, stocked_at, order.created_at))
    sales.order_items.append(
        {
            "id": len(sales.order_items) + 1,
            "order_id": order.id,
            "user_id": order.user["id"],
            "product_id": product["id"],
            "inventory_item_id": inventory_id,
            "status": order.status,
            **order.times(),
            # Most items go at list price, some at a discount.
            "sale_price": round(product["retail_price"] * dice.choice([1, 1, 1, 0.9, 0.8]), 2),
        }
    )


def _inventory_item(inventory_id: int, product: Row, stocked_at: datetime, sold_at: datetime | None) -> Row:
    return {
        "id": inventory_id,
        "product_id": product["id"],
        "created_at": iso(stocked_at),
        "sold_at": iso_or_none(sold_at),
        "cost": product["cost"],
        "product_category": product["category"],
        "product_name": product["name"],
        "product_brand": product["brand"],
        "product_retail_price": product["retail_price"],
        "product_department": product["department"],
        "product_sku": product["sku"],
        "product_distribution_center_id": product["distribution_center_id"],
    }
