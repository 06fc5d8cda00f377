"""Rows on their way into the engine: encoding, and the sizes that BigQuery would charge for."""

from datetime import UTC, date, datetime
from typing import Any, cast

from zetasql.wasi._pb2.zetasql.public import type_pb2, value_pb2

_EPOCH = date(1970, 1, 1)


def encode(value: object, sql_type: type_pb2.TypeProto, into: value_pb2.ValueProto) -> None:
    """Write *value* into *into*; None stays unset, which is NULL."""
    if value is None:
        return
    match sql_type.type_kind:
        case type_pb2.TYPE_INT64:
            into.int64_value = cast(int, value)
        case type_pb2.TYPE_DOUBLE:
            into.double_value = cast(float, value)
        case type_pb2.TYPE_STRING:
            into.string_value = cast(str, value)
        case type_pb2.TYPE_BOOL:
            into.bool_value = cast(bool, value)
        case type_pb2.TYPE_DATE:
            into.date_value = (date.fromisoformat(cast(str, value)) - _EPOCH).days
        case type_pb2.TYPE_TIMESTAMP:
            moment = datetime.fromisoformat(cast(str, value)).astimezone(UTC)
            into.timestamp_value.seconds = int(moment.timestamp())
            into.timestamp_value.nanos = moment.microsecond * 1000
        case type_pb2.TYPE_ARRAY:
            into.array_value.SetInParent()
            for element in cast(list[object], value):
                encode(element, sql_type.array_type.element_type, into.array_value.element.add())
        case type_pb2.TYPE_STRUCT:
            into.struct_value.SetInParent()
            for field in sql_type.struct_type.field:
                inner = cast(dict[str, Any], value).get(field.field_name)
                encode(inner, field.field_type, into.struct_value.field.add())
        case kind:
            raise NotImplementedError(f"no local tables with columns of kind {kind}")


def logical_bytes(value: object, sql_type: type_pb2.TypeProto) -> int:
    """BigQuery's logical size: NULL 0, STRING 2 + its UTF-8, BOOL 1, other scalars 8, the sum for nested values."""
    if value is None:
        return 0
    match sql_type.type_kind:
        case type_pb2.TYPE_STRING:
            return 2 + len(cast(str, value).encode())
        case type_pb2.TYPE_BOOL:
            return 1
        case type_pb2.TYPE_ARRAY:
            element_type = sql_type.array_type.element_type
            return sum(logical_bytes(element, element_type) for element in cast(list[object], value))
        case type_pb2.TYPE_STRUCT:
            struct = cast(dict[str, Any], value)
            return sum(logical_bytes(struct.get(f.field_name), f.field_type) for f in sql_type.struct_type.field)
        case _:
            return 8
