"""Tables of orders and stock. Their descriptions carry the shop's business rules: they are what a model reads."""

from typing import Final

from bot.local.bigquery.schema import ColumnSpec, TableSpec

_STATUS = "Complete, Shipped, Processing, Cancelled or Returned."

ORDERS: Final = TableSpec(
    "shop",
    "orders",
    (
        ColumnSpec("order_id", "INT64", ""),
        ColumnSpec("user_id", "INT64", "users.id."),
        ColumnSpec("status", "STRING", _STATUS),
        ColumnSpec("gender", "STRING", "F or M."),
        ColumnSpec("created_at", "TIMESTAMP", ""),
        ColumnSpec("returned_at", "TIMESTAMP", "NULL if it was not."),
        ColumnSpec("shipped_at", "TIMESTAMP", "NULL before."),
        ColumnSpec("delivered_at", "TIMESTAMP", "NULL before."),
        ColumnSpec("num_of_item", "INT64", ""),
    ),
    """One row per order placed, in every status. No prices here.
Examples:
-- Growth of orders by quarter for 2025, with a running total
WITH q AS (SELECT FORMAT_TIMESTAMP('%Y-Q%Q', created_at) AS quarter, COUNT(*) AS orders \
FROM shop.orders GROUP BY quarter) \
SELECT quarter, orders, ROUND(100 * (orders / LAG(orders) OVER (ORDER BY quarter) - 1), 1) AS growth_pct, \
SUM(orders) OVER (ORDER BY quarter) AS running_total FROM q QUALIFY quarter LIKE '2025%' ORDER BY quarter
-- How many users cancelled an order but never returned one?
SELECT COUNT(*) AS users FROM (SELECT user_id FROM shop.orders WHERE status = 'Cancelled' \
EXCEPT DISTINCT SELECT user_id FROM shop.orders WHERE status = 'Returned')""",
)

ORDER_ITEMS: Final = TableSpec(
    "shop",
    "order_items",
    (
        ColumnSpec("id", "INT64", ""),
        ColumnSpec("order_id", "INT64", "orders.order_id."),
        ColumnSpec("user_id", "INT64", "users.id."),
        ColumnSpec("product_id", "INT64", "products.id."),
        ColumnSpec("inventory_item_id", "INT64", ""),
        ColumnSpec(
            "status",
            "STRING",
            _STATUS,
        ),
        ColumnSpec("created_at", "TIMESTAMP", ""),
        ColumnSpec("shipped_at", "TIMESTAMP", "NULL before."),
        ColumnSpec(
            "delivered_at",
            "TIMESTAMP",
            "NULL before.",
        ),
        ColumnSpec("returned_at", "TIMESTAMP", "NULL if it was not."),
        ColumnSpec(
            "sale_price",
            "FLOAT64",
            "Price paid, USD. Revenue is SUM(sale_price) WHERE status NOT IN ('Cancelled', 'Returned').",
        ),
    ),
    """One row per item of an order. All money comes from here. Revenue, best selling, lifetime value, average order \
value and margin always have WHERE status NOT IN ('Cancelled', 'Returned'). Revenue: SUM(sale_price). Average order \
value: SUM(sale_price) / COUNT(DISTINCT order_id). Margin percentage: 100 * SUM(sale_price - cost) / SUM(sale_price), \
1 decimal. Lifetime value of a user_id: revenue, with COUNT(DISTINCT order_id) AS orders. Value of one order: \
SUM(sale_price) GROUP BY order_id, every status. Delivery time: TIMESTAMP_DIFF(delivered_at, created_at, HOUR).
Examples:
-- Return rate by department
SELECT p.department, COUNTIF(oi.status = 'Returned') AS returned, COUNT(*) AS items, \
ROUND(COUNTIF(oi.status = 'Returned') / COUNT(*), 4) AS return_rate \
FROM shop.order_items AS oi JOIN shop.products AS p ON p.id = oi.product_id GROUP BY p.department
-- Top 3 products by returned items
SELECT p.id, p.name, COUNT(*) AS returned FROM shop.order_items AS oi \
JOIN shop.products AS p ON p.id = oi.product_id \
WHERE oi.status = 'Returned' GROUP BY p.id, p.name ORDER BY returned DESC LIMIT 3
-- Best selling category of each department
SELECT p.department, p.category, ROUND(SUM(oi.sale_price), 2) AS revenue FROM shop.order_items AS oi \
JOIN shop.products AS p ON p.id = oi.product_id WHERE oi.status NOT IN ('Cancelled', 'Returned') \
GROUP BY p.department, p.category \
QUALIFY ROW_NUMBER() OVER (PARTITION BY p.department ORDER BY SUM(oi.sale_price) DESC) = 1
-- Revenue by city
SELECT u.city, ROUND(SUM(oi.sale_price), 2) AS revenue FROM shop.order_items AS oi \
JOIN shop.users AS u ON u.id = oi.user_id \
WHERE oi.status NOT IN ('Cancelled', 'Returned') GROUP BY u.city ORDER BY revenue DESC
-- Revenue by quarter in 2024
SELECT FORMAT_TIMESTAMP('%Y-Q%Q', created_at) AS quarter, ROUND(SUM(sale_price), 2) AS revenue \
FROM shop.order_items WHERE status NOT IN ('Cancelled', 'Returned') AND EXTRACT(YEAR FROM created_at) = 2024 \
GROUP BY quarter ORDER BY quarter
-- Total revenue in May 2024
SELECT ROUND(SUM(sale_price), 2) AS revenue FROM shop.order_items \
WHERE status NOT IN ('Cancelled', 'Returned') AND FORMAT_TIMESTAMP('%Y-%m', created_at) = '2024-05'""",
)

INVENTORY_ITEMS: Final = TableSpec(
    "shop",
    "inventory_items",
    (
        ColumnSpec("id", "INT64", ""),
        ColumnSpec("product_id", "INT64", "products.id."),
        ColumnSpec("created_at", "TIMESTAMP", ""),
        ColumnSpec("sold_at", "TIMESTAMP", "NULL while it is in stock, unsold."),
        ColumnSpec("cost", "FLOAT64", "What the shop paid for it, USD."),
        ColumnSpec("product_category", "STRING", ""),
        ColumnSpec("product_name", "STRING", ""),
        ColumnSpec("product_brand", "STRING", ""),
        ColumnSpec("product_retail_price", "FLOAT64", ""),
        ColumnSpec("product_department", "STRING", ""),
        ColumnSpec("product_sku", "STRING", ""),
        ColumnSpec("product_distribution_center_id", "INT64", ""),
    ),
    "One row per piece of stock, sold or not. Only for questions about stock.",
)
