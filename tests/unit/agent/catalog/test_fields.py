"""Fields inside columns, and the catalog's account of a table that a statement names."""

import pytest

from agent.bigquery.warehouse import ColumnInfo, TableInfo
from agent.catalog.fields import field_paths, without_fields
from agent.catalog.find import columns_of, find_tables

NESTED = ColumnInfo("Device", "STRUCT<kind STRING, ids ARRAY<STRUCT<ad_id STRING, n INT64>>, `odd` RANGE<DATE>>")
TABLES = [TableInfo(name, ()) for name in ("p.d.orders", "p.d.events_*", "p.d.events_intraday_*", "p.x.events_*")]


def test_a_column_is_itself_and_every_field_in_it() -> None:
    assert [".".join(path) for path in field_paths(NESTED)] == [
        "device", "device.kind", "device.ids", "device.ids.ad_id", "device.ids.n", "device.odd",
    ]  # fmt: skip
    assert field_paths(ColumnInfo("tags", "ARRAY<STRING>")) == (("tags",),)


def test_a_type_is_spelled_without_the_fields_that_are_not_shown() -> None:
    assert without_fields(NESTED, [("device", "ids", "ad_id"), ("device", "odd")]) == (
        "STRUCT<kind STRING, ids ARRAY<STRUCT<n INT64>>>"
    )
    assert without_fields(NESTED, []) == NESTED.type


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("p.d.orders", ["p.d.orders"]),
        ("p.d.order", []),
        ("p.d.events_20250101", ["p.d.events_*"]),
        ("p.d.events_extra", []),
        ("p.d.events_2025*", ["p.d.events_*"]),
        ("p.d.events_*", ["p.d.events_*", "p.d.events_intraday_*"]),
        ("p.d.ev*", ["p.d.events_*", "p.d.events_intraday_*"]),
        ("p.d.*", ["p.d.orders", "p.d.events_*", "p.d.events_intraday_*"]),
        ("P.d.orders", []),
    ],
)
def test_a_name_means_a_table_a_days_shard_or_all_that_a_wildcard_takes(name: str, found: list[str]) -> None:
    assert [table.name for table in find_tables(name, TABLES)] == found


def test_a_wildcard_has_every_column_with_every_tag() -> None:
    old = TableInfo("a", (ColumnInfo("x", "STRING"), ColumnInfo("y", "STRING")))
    new = TableInfo("b", (ColumnInfo("X", "STRING", policy_tags=("t",)), ColumnInfo("z", "STRING")))
    merged = {column.name: column.policy_tags for column in columns_of([old, new])}
    assert merged == {"x": ("t",), "y": (), "z": ()}
