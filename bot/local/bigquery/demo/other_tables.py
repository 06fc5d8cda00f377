"""The analytics export, one table per day, and the dataset that nobody may ask about."""

from typing import Final

from bot.local.bigquery.schema import ColumnSpec, TableSpec

SALARIES: Final = TableSpec(
    "hr",
    "salaries",
    (
        ColumnSpec("employee_id", "INT64", "Unique identifier."),
        ColumnSpec("name", "STRING", "Personal data: name of the employee.", is_personal=True),
        ColumnSpec("title", "STRING", "Job title."),
        ColumnSpec("salary", "INT64", "Personal data: yearly salary, USD.", is_personal=True),
    ),
    "Confidential. One row per employee.",
)

_EVENT_PARAMS = "ARRAY<STRUCT<key STRING, value STRUCT<string_value STRING, int_value INT64, float_value FLOAT64>>>"
_ITEMS = "ARRAY<STRUCT<item_id STRING, item_name STRING, price FLOAT64, quantity INT64>>"


def web_events(day: str) -> TableSpec:
    """The shard of *day*, YYYYMMDD."""
    return TableSpec(
        "web",
        f"events_{day}",
        (
            ColumnSpec("event_date", "STRING", "YYYYMMDD."),
            ColumnSpec("event_timestamp", "INT64", "Microseconds since 1970."),
            ColumnSpec("event_name", "STRING", "page_view, view_item, add_to_cart or purchase."),
            ColumnSpec("user_pseudo_id", "STRING", "Not a users.id."),
            ColumnSpec(
                "event_params",
                _EVENT_PARAMS,
                "page_location in value.string_value, engagement_time_msec (milliseconds) in value.int_value.",
            ),
            ColumnSpec("device", "STRUCT<category STRING, operating_system STRING>", "mobile, desktop or tablet."),
            ColumnSpec("geo", "STRUCT<country STRING>", ""),
            ColumnSpec(
                "items",
                _ITEMS,
                "What the event is about. Its revenue: price * quantity.",
            ),
        ),
        """Web analytics of one day, one row per event; 2025-12-01 to 2025-12-10. For questions about page views, \
engagement, devices and web purchase events.
Examples:
-- Items put in the cart by device on 3 and 4 December 2025
SELECT device.category AS device, SUM(i.quantity) AS items FROM `web.events_*`, UNNEST(items) AS i \
WHERE event_name = 'add_to_cart' AND _TABLE_SUFFIX BETWEEN '20251203' AND '20251204' GROUP BY device
-- Longest engagement time in seconds by system
SELECT device.operating_system AS system, ROUND(MAX((SELECT p.value.int_value FROM UNNEST(event_params) AS p \
WHERE p.key = 'engagement_time_msec')) / 1000, 1) AS seconds FROM `web.events_*` GROUP BY system""",
    )
