import math

import pytest
from google.cloud.bigquery import SchemaField

from agent.bigquery.cells import cell_of, column_of, standard_type
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
    ("kind", "wire", "cell"),
    [
        ("INTEGER", "9223372036854775807", 2**63 - 1),
        ("INTEGER", "-9223372036854775808", -(2**63)),
        ("FLOAT", "0.1", 0.1),
        ("FLOAT", "1.0E10", 1e10),
        ("FLOAT", "Infinity", math.inf),
        ("FLOAT", "-Infinity", -math.inf),
        ("BOOLEAN", "false", False),
        ("BOOLEAN", "true", True),
        ("STRING", "가", "가"),
        ("STRING", "", ""),
        ("STRING", None, None),
        ("NUMERIC", "99999999999999999999999999999.999999999", "99999999999999999999999999999.999999999"),
        ("BIGNUMERIC", "0.00000000000000000000000000000000000001", "0.00000000000000000000000000000000000001"),
        ("BYTES", "AP8=", "AP8="),
        ("DATE", "0099-01-02", "0099-01-02"),
        ("TIME", "01:02:03.500000", "01:02:03.500"),
        ("DATETIME", "2025-01-02T03:04:05", "2025-01-02 03:04:05"),
        ("DATETIME", "2025-01-02T03:04:05.000001", "2025-01-02 03:04:05.000001"),
        ("TIMESTAMP", "1735689600000000", "2025-01-01 00:00:00+00"),
        ("TIMESTAMP", "1735689600123456", "2025-01-01 00:00:00.123456+00"),
        ("TIMESTAMP", "-62135596800000000", "0001-01-01 00:00:00+00"),
        ("TIMESTAMP", "253402300799999999", "9999-12-31 23:59:59.999999+00"),
        ("JSON", '{"b":[1,2.50,1e400],"a":"é"}', '{"b":[1,2.50,1e400],"a":"é"}'),
        ("JSON", "null", "null"),
        ("JSON", None, None),
        ("GEOGRAPHY", "POINT(127.1 37.5)", "POINT(127.1 37.5)"),
        ("INTERVAL", "1-2 3 100:5:6.789", "1-2 3 100:5:6.789"),
    ],
)
def test_a_value_becomes_a_cell(kind: str, wire: str | None, cell: Cell) -> None:
    read = cell_of(wire, SchemaField("x", kind))
    assert (read, type(read)) == (cell, type(cell))


def test_not_a_number_stays_a_float() -> None:
    cell = cell_of("NaN", SchemaField("x", "FLOAT"))
    assert isinstance(cell, float)
    assert math.isnan(cell)


def test_arrays_and_structs_keep_their_shape() -> None:
    field = SchemaField("items", "RECORD", "REPEATED", fields=(ITEM, SchemaField("tags", "STRING", "REPEATED")))
    wire = [
        {"v": {"f": [{"v": {"f": [{"v": "a"}, {"v": "1.5"}]}}, {"v": []}]}},
        {"v": {"f": [{"v": None}, {"v": [{"v": "x"}, {"v": "y"}]}]}},
    ]
    assert cell_of(wire, field) == [
        {"item": {"sku": "a", "price": "1.5"}, "tags": []},
        {"item": None, "tags": ["x", "y"]},
    ]


def test_fields_without_a_name_and_fields_of_one_name_all_stay() -> None:
    ints = tuple(SchemaField(name, "INTEGER") for name in ("", "a", "a", "a_2"))
    field = SchemaField("x", "RECORD", fields=ints)
    wire = {"f": [{"v": str(number)} for number in range(4)]}
    assert cell_of(wire, field) == {"_field_1": 0, "a": 1, "a_2": 2, "a_2_2": 3}
    assert column_of(field).type == "STRUCT<_field_1 INT64, a INT64, a_2 INT64, a_2_2 INT64>"


@pytest.mark.parametrize(
    ("element", "wire", "cell"),
    [
        ("DATE", "[2025-01-01, UNBOUNDED)", "[2025-01-01, UNBOUNDED)"),
        ("DATETIME", "[NULL, 2025-01-01T00:00:00)", "[UNBOUNDED, 2025-01-01 00:00:00)"),
        ("TIMESTAMP", "[1735689600000000, UNBOUNDED)", "[2025-01-01 00:00:00+00, UNBOUNDED)"),
    ],
)
def test_a_range_is_written_with_its_bounds(element: str, wire: str, cell: str) -> None:
    assert cell_of(wire, SchemaField("x", "RANGE", range_element_type=element)) == cell
