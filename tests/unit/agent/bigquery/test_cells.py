import datetime as dt
import math
from decimal import Decimal

import pytest
from dateutil.relativedelta import relativedelta
from google.cloud.bigquery import SchemaField

from agent.bigquery.cells import cell_of, standard_type
from agent.turn import Cell

ITEM = SchemaField("item", "RECORD", fields=(SchemaField("sku", "STRING"), SchemaField("price", "NUMERIC")))


@pytest.mark.parametrize(
    ("field", "name"),
    [
        (SchemaField("x", "INTEGER"), "INT64"),
        (SchemaField("x", "FLOAT"), "FLOAT64"),
        (SchemaField("x", "BOOLEAN", mode="REPEATED"), "ARRAY<BOOL>"),
        (SchemaField("x", "TIMESTAMP", mode="REQUIRED"), "TIMESTAMP"),
        (
            SchemaField("x", "RECORD", "REPEATED", fields=(ITEM,)),
            "ARRAY<STRUCT<item STRUCT<sku STRING, price NUMERIC>>>",
        ),
        (SchemaField("x", "RANGE", range_element_type="DATE"), "RANGE<DATE>"),
    ],
)
def test_types_are_named_as_standard_sql_names_them(field: SchemaField, name: str) -> None:
    assert standard_type(field) == name


@pytest.mark.parametrize(
    ("kind", "value", "cell"),
    [
        ("INTEGER", 2**63 - 1, 2**63 - 1),
        ("FLOAT", 0.1, 0.1),
        ("BOOLEAN", False, False),
        ("STRING", "가", "가"),
        ("STRING", None, None),
        ("NUMERIC", Decimal("0.000000001"), "0.000000001"),
        ("NUMERIC", Decimal("1E+3"), "1000"),
        ("BIGNUMERIC", Decimal("1.50"), "1.50"),
        ("BYTES", b"\x00\xff", "AP8="),
        ("DATE", dt.date(99, 1, 2), "0099-01-02"),
        ("TIME", dt.time(1, 2, 3, 500_000), "01:02:03.500"),
        ("DATETIME", dt.datetime(2025, 1, 2, 3, 4, 5), "2025-01-02 03:04:05"),  # noqa: DTZ001 - BigQuery's has no zone
        ("TIMESTAMP", dt.datetime(2025, 1, 1, tzinfo=dt.UTC), "2025-01-01 00:00:00+00"),
        ("TIMESTAMP", dt.datetime(2025, 1, 1, 0, 0, 0, 123_456, dt.UTC), "2025-01-01 00:00:00.123456+00"),
        ("JSON", {"b": [1, 2.5, None], "a": "é"}, '{"b":[1,2.5,null],"a":"é"}'),
        ("INTERVAL", relativedelta(years=1, months=-13, days=4, hours=-5, microseconds=-1), "-0-1 4 -5:0:0.000001"),
        ("INTERVAL", None, None),
    ],
)
def test_a_value_becomes_a_cell(kind: str, value: object, cell: Cell) -> None:
    assert cell_of(value, SchemaField("x", kind)) == cell


def test_not_a_number_stays_a_float() -> None:
    cell = cell_of(math.nan, SchemaField("x", "FLOAT"))
    assert isinstance(cell, float)
    assert math.isnan(cell)


def test_arrays_and_structs_keep_their_shape() -> None:
    field = SchemaField("items", "RECORD", "REPEATED", fields=(ITEM, SchemaField("tags", "STRING", "REPEATED")))
    value = [{"item": {"sku": "a", "price": Decimal("1.5")}, "tags": []}, {"item": None, "tags": ["x", "y"]}]
    assert cell_of(value, field) == [
        {"item": {"sku": "a", "price": "1.5"}, "tags": []},
        {"item": None, "tags": ["x", "y"]},
    ]


def test_a_range_is_written_with_its_bounds() -> None:
    field = SchemaField("x", "RANGE", range_element_type="DATE")
    assert cell_of({"start": dt.date(2025, 1, 1), "end": None}, field) == "[2025-01-01, UNBOUNDED)"
