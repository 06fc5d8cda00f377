"""GoogleSQL types: from their text to the engine's form, and to the REST API's schema fields."""

import re
from collections.abc import Iterator
from typing import Any, TypeAlias

from zetasql.wasi._pb2.zetasql.public import type_pb2

Field: TypeAlias = dict[str, Any]
"""A `TableFieldSchema` of the REST API."""

KIND_OF_NAME = {
    "INT64": type_pb2.TYPE_INT64,
    "FLOAT64": type_pb2.TYPE_DOUBLE,
    "STRING": type_pb2.TYPE_STRING,
    "BOOL": type_pb2.TYPE_BOOL,
    "BYTES": type_pb2.TYPE_BYTES,
    "DATE": type_pb2.TYPE_DATE,
    "DATETIME": type_pb2.TYPE_DATETIME,
    "TIME": type_pb2.TYPE_TIME,
    "TIMESTAMP": type_pb2.TYPE_TIMESTAMP,
    "NUMERIC": type_pb2.TYPE_NUMERIC,
    "BIGNUMERIC": type_pb2.TYPE_BIGNUMERIC,
    "JSON": type_pb2.TYPE_JSON,
}

ALIASES = {
    "INT": type_pb2.TYPE_INT64,
    "INTEGER": type_pb2.TYPE_INT64,
    "BIGINT": type_pb2.TYPE_INT64,
    "SMALLINT": type_pb2.TYPE_INT64,
    "TINYINT": type_pb2.TYPE_INT64,
    "BYTEINT": type_pb2.TYPE_INT64,
    "DECIMAL": type_pb2.TYPE_NUMERIC,
    "BIGDECIMAL": type_pb2.TYPE_BIGNUMERIC,
}
"""Names that BigQuery takes and the engine does not know by itself."""

_REST_NAME = {
    type_pb2.TYPE_INT64: "INTEGER",
    type_pb2.TYPE_DOUBLE: "FLOAT",
    type_pb2.TYPE_STRING: "STRING",
    type_pb2.TYPE_BOOL: "BOOLEAN",
    type_pb2.TYPE_BYTES: "BYTES",
    type_pb2.TYPE_DATE: "DATE",
    type_pb2.TYPE_DATETIME: "DATETIME",
    type_pb2.TYPE_TIME: "TIME",
    type_pb2.TYPE_TIMESTAMP: "TIMESTAMP",
    type_pb2.TYPE_NUMERIC: "NUMERIC",
    type_pb2.TYPE_BIGNUMERIC: "BIGNUMERIC",
    type_pb2.TYPE_JSON: "JSON",
    type_pb2.TYPE_STRUCT: "RECORD",
    type_pb2.TYPE_GEOGRAPHY: "GEOGRAPHY",
    type_pb2.TYPE_INTERVAL: "INTERVAL",
    type_pb2.TYPE_RANGE: "RANGE",
}


def parse_type(text: str) -> type_pb2.TypeProto:
    """`ARRAY<STRUCT<key STRING>>` in the engine's form. KeyError for a name it does not know."""
    return _parse(iter(re.findall(r"\w+|[<>,]", text)))


def _parse(tokens: Iterator[str]) -> type_pb2.TypeProto:
    parsed = type_pb2.TypeProto()
    name = next(tokens)
    if name == "ARRAY":
        _expect(tokens, "<")
        parsed.type_kind = type_pb2.TYPE_ARRAY
        parsed.array_type.element_type.CopyFrom(_parse(tokens))
        _expect(tokens, ">")
    elif name == "STRUCT":
        _expect(tokens, "<")
        parsed.type_kind = type_pb2.TYPE_STRUCT
        separator = ","
        while separator == ",":
            field = parsed.struct_type.field.add()
            field.field_name = next(tokens)
            field.field_type.CopyFrom(_parse(tokens))
            separator = next(tokens)
    else:
        parsed.type_kind = KIND_OF_NAME[name]
    return parsed


def _expect(tokens: Iterator[str], token: str) -> None:
    assert next(tokens) == token


def rest_field(name: str, sql_type: type_pb2.TypeProto) -> Field:
    """The REST API's schema field, with the legacy type names that it uses (INTEGER, FLOAT, RECORD)."""
    is_repeated = sql_type.type_kind == type_pb2.TYPE_ARRAY
    element = sql_type.array_type.element_type if is_repeated else sql_type
    field: Field = {
        "name": name,
        "type": _REST_NAME.get(element.type_kind, "STRING"),
        "mode": "REPEATED" if is_repeated else "NULLABLE",
    }
    if element.type_kind == type_pb2.TYPE_STRUCT:
        field["fields"] = [rest_field(inner.field_name, inner.field_type) for inner in element.struct_type.field]
    return field
