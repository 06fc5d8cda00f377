"""Tables of products, people, places and visits, with the business rules in their descriptions."""

from typing import Final

from bot.local.bigquery.schema import ColumnSpec, TableSpec

DISTRIBUTION_CENTERS: Final = TableSpec(
    "shop",
    "distribution_centers",
    (
        ColumnSpec("id", "INT64", ""),
        ColumnSpec("name", "STRING", ""),
        ColumnSpec("latitude", "FLOAT64", ""),
        ColumnSpec("longitude", "FLOAT64", ""),
    ),
    "One row per distribution centre (of products.distribution_center_id).",
)

PRODUCTS: Final = TableSpec(
    "shop",
    "products",
    (
        ColumnSpec("id", "INT64", ""),
        ColumnSpec("cost", "FLOAT64", "Of one unit, USD."),
        ColumnSpec("category", "STRING", "Such as Jeans, Socks, Outerwear & Coats."),
        ColumnSpec("name", "STRING", ""),
        ColumnSpec("brand", "STRING", ""),
        ColumnSpec("retail_price", "FLOAT64", "List price, USD; not what was paid."),
        ColumnSpec("department", "STRING", "Women or Men."),
        ColumnSpec("sku", "STRING", ""),
        ColumnSpec("distribution_center_id", "INT64", "distribution_centers.id."),
    ),
    "One row per product, sold or not; shown by its id and name. Products never sold: how many, by NOT EXISTS in"
    " order_items.",
)

USERS: Final = TableSpec(
    "shop",
    "users",
    (
        ColumnSpec("id", "INT64", ""),
        ColumnSpec("first_name", "STRING", "Personal data: given name.", is_personal=True),
        ColumnSpec("last_name", "STRING", "Personal data: family name.", is_personal=True),
        ColumnSpec("email", "STRING", "Personal data: e-mail address.", is_personal=True),
        ColumnSpec("age", "INT64", "Age in years. Its 10 year band: CAST(FLOOR(age / 10) * 10 AS INT64)."),
        ColumnSpec("gender", "STRING", "F or M."),
        ColumnSpec("state", "STRING", ""),
        ColumnSpec("street_address", "STRING", "Personal data: street and number.", is_personal=True),
        ColumnSpec("postal_code", "STRING", "Personal data: postal code.", is_personal=True),
        ColumnSpec("city", "STRING", ""),
        ColumnSpec("country", "STRING", ""),
        ColumnSpec(
            "traffic_source",
            "STRING",
            "Search, Organic, Facebook, Email or Display.",
        ),
        ColumnSpec("created_at", "TIMESTAMP", "Sign-up."),
    ),
    """One row per registered user, the customer, also without an order.
Examples:
-- What share of users has ever visited the shop, by gender?
SELECT u.gender, ROUND(COUNT(DISTINCT e.user_id) / COUNT(DISTINCT u.id), 4) AS share \
FROM shop.users AS u LEFT JOIN shop.events AS e ON e.user_id = u.id GROUP BY u.gender
-- Users by state and gender as a table
SELECT state, COUNTIF(gender = 'F') AS F, COUNTIF(gender = 'M') AS M \
FROM shop.users GROUP BY state ORDER BY state""",
)

EVENTS: Final = TableSpec(
    "shop",
    "events",
    (
        ColumnSpec("id", "INT64", ""),
        ColumnSpec("user_id", "INT64", "users.id or NULL."),
        ColumnSpec("sequence_number", "INT64", ""),
        ColumnSpec("session_id", "STRING", ""),
        ColumnSpec("created_at", "TIMESTAMP", ""),
        ColumnSpec("ip_address", "STRING", "Personal data: address of the visitor.", is_personal=True),
        ColumnSpec("city", "STRING", ""),
        ColumnSpec("state", "STRING", ""),
        ColumnSpec("postal_code", "STRING", "Personal data: postal code of the visitor.", is_personal=True),
        ColumnSpec("browser", "STRING", "Chrome, Safari, Firefox or IE."),
        ColumnSpec("traffic_source", "STRING", "Email, Adwords, Organic, YouTube or Facebook."),
        ColumnSpec("uri", "STRING", ""),
        ColumnSpec("event_type", "STRING", "Step of the funnel: home, department, product, cart, purchase."),
    ),
    """One row per step of a session in the shop's own log: funnel and conversion. \
Sessions: COUNT(DISTINCT session_id); with a purchase: COUNT(DISTINCT IF(event_type = 'purchase', session_id, NULL)).
Examples:
-- Cart rate by traffic source (유입 경로별 장바구니율, 流入元別のカート率)
SELECT traffic_source, COUNT(DISTINCT session_id) AS sessions, \
ROUND(COUNT(DISTINCT IF(event_type = 'cart', session_id, NULL)) / COUNT(DISTINCT session_id), 4) AS cart_rate \
FROM shop.events GROUP BY traffic_source""",
)
