"""GoogleSQL types as the REST API's schema fields."""

from typing import Any, TypeAlias

from zetasql.wasi._pb2.zetasql.public import type_pb2

Field: TypeAlias = dict[str, Any]
"""A `TableFieldSchema` of the REST API."""

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


def rest_field(name: str, sql_type: type_pb2.TypeProto) -> Field:
    """The REST API's schema field, with the legacy type names that it uses (INTEGER, FLOAT, RECORD)."""
    is_repeated = sql_type.type_kind == type_pb2.TYPE_ARRAY
    element = sql_type.array_type.element_type if is_repeated else sql_type
    field: Field = {
        "name": name,
        "type": _REST_NAME.get(element.type_kind, "STRING"),
        "mode": "REPEATED" if is_repeated else "NULLABLE",
    }
    if element.type_kind == type_pb2.TYPE_RANGE:
        field["rangeElementType"] = {"type": _REST_NAME[element.range_type.element_type.type_kind]}
    if element.type_kind == type_pb2.TYPE_STRUCT:
        field["fields"] = [rest_field(inner.field_name, inner.field_type) for inner in element.struct_type.field]
    return field
