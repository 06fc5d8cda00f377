"""Tables of orders and stock. Their descriptions carry the shop's business rules: they are what a model reads."""

from typing import Final

from bot.local.bigquery.schema import ColumnSpec, TableSpec

_STATUS = "Complete, Shipped, Processing, Cancelled or Returned."

ORDERS: Final = TableSpec(
    "shop",
    "orders",
    (
        ColumnSpec("order_id", "INT64", "Unique identifier of the order."),
        ColumnSpec("user_id", "INT64", "Who ordered: users.id."),
        ColumnSpec("status", "STRING", f"{_STATUS} An order counts as placed in every status."),
        ColumnSpec("gender", "STRING", "Gender of the user who ordered, F or M."),
        ColumnSpec(
            "created_at", "TIMESTAMP", "When the order was placed (UTC). The date that questions about orders mean."
        ),
        ColumnSpec("returned_at", "TIMESTAMP", "When it came back; NULL if it did not."),
        ColumnSpec("shipped_at", "TIMESTAMP", "When it left; NULL if it has not."),
        ColumnSpec("delivered_at", "TIMESTAMP", "When it arrived; NULL if it has not."),
        ColumnSpec("num_of_item", "INT64", "How many items the order has."),
    ),
    "One row per order placed, in every status. Has no prices: for money use order_items. Counts of orders and of"
    " people who ordered take every status. Days between a customer's first and second order are whole days, averaged"
    " (1 decimal) over the customers with at least two orders and shown with how many those are.",
)

ORDER_ITEMS: Final = TableSpec(
    "shop",
    "order_items",
    (
        ColumnSpec("id", "INT64", "Unique identifier of the item."),
        ColumnSpec("order_id", "INT64", "The order it belongs to: orders.order_id."),
        ColumnSpec("user_id", "INT64", "Who ordered: users.id."),
        ColumnSpec("product_id", "INT64", "What was bought: products.id."),
        ColumnSpec("inventory_item_id", "INT64", "The piece of stock that was sold: inventory_items.id."),
        ColumnSpec(
            "status",
            "STRING",
            f"{_STATUS} Same as its order's. Revenue counts every status except Cancelled and Returned.",
        ),
        ColumnSpec(
            "created_at", "TIMESTAMP", "When the item was ordered (UTC). The date that questions about revenue mean."
        ),
        ColumnSpec("shipped_at", "TIMESTAMP", "When it left; NULL if it has not."),
        ColumnSpec(
            "delivered_at",
            "TIMESTAMP",
            "When it arrived; NULL if it has not. Delivery time runs from created_at to delivered_at, in whole hours.",
        ),
        ColumnSpec("returned_at", "TIMESTAMP", "When it came back; NULL if it did not."),
        ColumnSpec(
            "sale_price",
            "FLOAT64",
            "Price paid for this one item, USD. Revenue is the sum of sale_price over revenue items.",
        ),
    ),
    "One row per item of an order; the source of all money figures. Revenue, lifetime value, margin and average"
    " order value leave out items with status Cancelled or Returned. Average order value: revenue divided by its"
    " number of distinct orders. Value of a single order (median, largest): sum of sale_price of all its items, in"
    " every status. Gross margin: sale_price minus products.cost, in percent of sale_price. Return rate: Returned"
    " items divided by all items of every status, shown with both counts. Best selling means most revenue. Bought"
    " together: in one order, in every status. Growth and change are in percent of the earlier period. Lifetime"
    " value is shown with the number of orders, revenue per customer with the number of customers, a weekday with"
    " its number (1 is Sunday). Money has 2 decimals, percent and hours 1, rates (0.25, not 25) 4.",
)

INVENTORY_ITEMS: Final = TableSpec(
    "shop",
    "inventory_items",
    (
        ColumnSpec("id", "INT64", "Unique identifier of the piece of stock."),
        ColumnSpec("product_id", "INT64", "What it is: products.id."),
        ColumnSpec("created_at", "TIMESTAMP", "When it was stocked (UTC)."),
        ColumnSpec("sold_at", "TIMESTAMP", "When it was sold; NULL means that it is still in stock, unsold."),
        ColumnSpec("cost", "FLOAT64", "What the shop paid for it, USD. Stock is valued at the sum of cost."),
        ColumnSpec("product_category", "STRING", "Its products.category."),
        ColumnSpec("product_name", "STRING", "Its products.name."),
        ColumnSpec("product_brand", "STRING", "Its products.brand."),
        ColumnSpec("product_retail_price", "FLOAT64", "Its products.retail_price, USD."),
        ColumnSpec("product_department", "STRING", "Its products.department."),
        ColumnSpec("product_sku", "STRING", "Its products.sku."),
        ColumnSpec("product_distribution_center_id", "INT64", "Where it lies: distribution_centers.id."),
    ),
    "One row per single piece of stock, sold or not. Only for questions about stock.",
)
