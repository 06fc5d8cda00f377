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
            ColumnSpec("event_date", "STRING", "Day of the event, YYYYMMDD."),
            ColumnSpec("event_timestamp", "INT64", "When it happened, microseconds since 1970 (UTC)."),
            ColumnSpec("event_name", "STRING", "page_view, view_item, add_to_cart or purchase."),
            ColumnSpec("user_pseudo_id", "STRING", "The visiting browser; not a users.id."),
            ColumnSpec(
                "event_params",
                _EVENT_PARAMS,
                "Key and value pairs: page_location in value.string_value, engagement_time_msec (engagement time in"
                " milliseconds; shown in seconds with 1 decimal) in value.int_value. One pair per key.",
            ),
            ColumnSpec(
                "device", "STRUCT<category STRING, operating_system STRING>", "category is mobile, desktop or tablet."
            ),
            ColumnSpec("geo", "STRUCT<country STRING>", "Where the visitor is."),
            ColumnSpec(
                "items",
                _ITEMS,
                "What the event is about; empty for a page_view. An item's revenue is price times quantity.",
            ),
        ),
        "Web analytics of one day, one row per event; 2025-12-01 to 2025-12-10. Query all days as `web.events_*` and"
        " choose days by _TABLE_SUFFIX, which is the day as YYYYMMDD. Use it for questions about page views,"
        " engagement, devices and web purchase events; for sessions, funnel and conversion use shop.events.",
    )
