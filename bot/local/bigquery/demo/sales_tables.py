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
-- How many customers cancelled an order but never returned one?
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
    """One row per item of an order. All money comes from here. Revenue: SUM(sale_price) WHERE status NOT IN \
('Cancelled', 'Returned'). Average order value: SUM(sale_price) / COUNT(DISTINCT order_id), same WHERE. Value of one \
order: SUM(sale_price) GROUP BY order_id, no WHERE. Return rate: items of every status, no WHERE.
Examples:
-- Which department has the highest return rate? (부서별 반품률, 部門別の返品率)
SELECT p.department, COUNTIF(oi.status = 'Returned') AS returned, COUNT(*) AS items, \
ROUND(COUNTIF(oi.status = 'Returned') / COUNT(*), 4) AS return_rate \
FROM shop.order_items AS oi JOIN shop.products AS p ON p.id = oi.product_id \
GROUP BY p.department ORDER BY return_rate DESC
-- Top 3 products by revenue in 2024 (2024년 매출 상위 상품 3개, 2024年の売上上位3商品)
SELECT p.id, p.name, ROUND(SUM(oi.sale_price), 2) AS revenue FROM shop.order_items AS oi JOIN shop.products AS p \
ON p.id = oi.product_id WHERE oi.status NOT IN ('Cancelled', 'Returned') AND EXTRACT(YEAR FROM oi.created_at) = 2024 \
GROUP BY p.id, p.name ORDER BY revenue DESC LIMIT 3
-- Which brands have the highest margin percentage? (마진율, 利益率)
SELECT p.brand, ROUND(100 * SUM(oi.sale_price - p.cost) / SUM(oi.sale_price), 1) AS margin_pct \
FROM shop.order_items AS oi JOIN shop.products AS p ON p.id = oi.product_id \
WHERE oi.status NOT IN ('Cancelled', 'Returned') GROUP BY p.brand ORDER BY margin_pct DESC
-- Best selling category in each department
SELECT p.department, p.category, ROUND(SUM(oi.sale_price), 2) AS revenue FROM shop.order_items AS oi \
JOIN shop.products AS p ON p.id = oi.product_id WHERE oi.status NOT IN ('Cancelled', 'Returned') \
GROUP BY p.department, p.category \
QUALIFY ROW_NUMBER() OVER (PARTITION BY p.department ORDER BY SUM(oi.sale_price) DESC) = 1
-- Revenue by country (국가별 매출, 国別の売上)
SELECT u.country, ROUND(SUM(oi.sale_price), 2) AS revenue FROM shop.order_items AS oi \
JOIN shop.users AS u ON u.id = oi.user_id \
WHERE oi.status NOT IN ('Cancelled', 'Returned') GROUP BY u.country ORDER BY revenue DESC
-- Revenue by quarter in 2024 (2024년 분기별 매출, 2024年の四半期別売上)
SELECT FORMAT_TIMESTAMP('%Y-Q%Q', created_at) AS quarter, ROUND(SUM(sale_price), 2) AS revenue \
FROM shop.order_items WHERE status NOT IN ('Cancelled', 'Returned') AND EXTRACT(YEAR FROM created_at) = 2024 \
GROUP BY quarter ORDER BY quarter
-- Items sold by month in 2024, excluding cancelled ones
SELECT FORMAT_TIMESTAMP('%Y-%m', created_at) AS month, COUNT(*) AS items FROM shop.order_items \
WHERE status != 'Cancelled' AND EXTRACT(YEAR FROM created_at) = 2024 GROUP BY month ORDER BY month
-- Total revenue in May 2024 (2024년 5월 총 매출, 2024年5月の総売上)
SELECT ROUND(SUM(sale_price), 2) AS revenue FROM shop.order_items \
WHERE status NOT IN ('Cancelled', 'Returned') AND EXTRACT(YEAR FROM created_at) = 2024 \
AND EXTRACT(MONTH FROM created_at) = 5""",
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
