"""Tables of products, people, places and visits, with the business rules in their descriptions."""

from typing import Final

from bot.local.bigquery.schema import ColumnSpec, TableSpec

DISTRIBUTION_CENTERS: Final = TableSpec(
    "shop",
    "distribution_centers",
    (
        ColumnSpec("id", "INT64", "Unique identifier."),
        ColumnSpec("name", "STRING", "City of the distribution centre."),
        ColumnSpec("latitude", "FLOAT64", "Degrees north."),
        ColumnSpec("longitude", "FLOAT64", "Degrees east."),
    ),
    "One row per distribution centre. An item is delivered from the centre of its product.",
)

PRODUCTS: Final = TableSpec(
    "shop",
    "products",
    (
        ColumnSpec("id", "INT64", "Unique identifier."),
        ColumnSpec("cost", "FLOAT64", "What the shop pays for one unit, USD."),
        ColumnSpec("category", "STRING", "Such as Jeans, Socks, Outerwear & Coats."),
        ColumnSpec("name", "STRING", "Product name."),
        ColumnSpec("brand", "STRING", "Brand."),
        ColumnSpec("retail_price", "FLOAT64", "List price, USD. Not what was paid: that is order_items.sale_price."),
        ColumnSpec("department", "STRING", "Women or Men."),
        ColumnSpec("sku", "STRING", "Stock keeping unit."),
        ColumnSpec("distribution_center_id", "INT64", "Where it is shipped from: distribution_centers.id."),
    ),
    "One row per product in the range, sold or not. A product counts as sold with its first row in order_items, in any"
    " status. A question for products that lack something (never sold, never returned) is answered with how many.",
)

USERS: Final = TableSpec(
    "shop",
    "users",
    (
        ColumnSpec("id", "INT64", "Unique identifier; the only way to name a customer in an answer."),
        ColumnSpec("first_name", "STRING", "Personal data: given name.", is_personal=True),
        ColumnSpec("last_name", "STRING", "Personal data: family name.", is_personal=True),
        ColumnSpec("email", "STRING", "Personal data: e-mail address.", is_personal=True),
        ColumnSpec("age", "INT64", "Age in years. An age band is named by its lowest age (20 is 20 to 29)."),
        ColumnSpec("gender", "STRING", "F or M."),
        ColumnSpec("state", "STRING", "State or province."),
        ColumnSpec("street_address", "STRING", "Personal data: street and number.", is_personal=True),
        ColumnSpec("postal_code", "STRING", "Personal data: postal code.", is_personal=True),
        ColumnSpec("city", "STRING", "City."),
        ColumnSpec("country", "STRING", "Country of the customer; the country that questions about sales mean."),
        ColumnSpec(
            "traffic_source",
            "STRING",
            "How the customer first came: Search, Organic, Facebook, Email or Display. The traffic source that"
            " questions about sign-ups, customers and revenue mean.",
        ),
        ColumnSpec("created_at", "TIMESTAMP", "When the user signed up (UTC)."),
    ),
    "One row per registered user; every user counts as a customer, also without an order. Revenue per customer divides"
    " by the customers that the revenue comes from. Customers who did or did not do something are answered with how"
    " many they are, not listed, unless a top list is asked for. A share of users is a fraction of all users with 4"
    " decimals. Quarters are written 2025-Q1.",
)

EVENTS: Final = TableSpec(
    "shop",
    "events",
    (
        ColumnSpec("id", "INT64", "Unique identifier of the step."),
        ColumnSpec("user_id", "INT64", "users.id; NULL for an anonymous visitor."),
        ColumnSpec("sequence_number", "INT64", "1 for the first step of the session."),
        ColumnSpec("session_id", "STRING", "The session; count sessions by distinct session_id."),
        ColumnSpec("created_at", "TIMESTAMP", "When the step happened (UTC)."),
        ColumnSpec("ip_address", "STRING", "Personal data: address of the visitor.", is_personal=True),
        ColumnSpec("city", "STRING", "City of the visitor."),
        ColumnSpec("state", "STRING", "State of the visitor."),
        ColumnSpec("postal_code", "STRING", "Personal data: postal code of the visitor.", is_personal=True),
        ColumnSpec("browser", "STRING", "Chrome, Safari, Firefox or IE."),
        ColumnSpec("traffic_source", "STRING", "How this session came: Email, Adwords, Organic, YouTube or Facebook."),
        ColumnSpec("uri", "STRING", "Path of the page."),
        ColumnSpec("event_type", "STRING", "Step of the funnel: home, department, product, cart or purchase."),
    ),
    "One row per step of a session in the shop's own log; the source for funnel and conversion. A session walks home,"
    " department, product, cart, purchase and may leave after any step. The funnel counts distinct sessions: all of"
    " them, those with a product step, those with a cart step, those with a purchase step. Conversion rate: sessions"
    " with a purchase step divided by all sessions, a fraction with 4 decimals, shown with the number of sessions.",
)
