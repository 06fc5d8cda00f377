"""Results on their way out of the engine: cells as the REST API writes them, all text."""

import base64
import math
import struct
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from decimal import Context, Decimal
from typing import Any, TypeAlias

from zetasql.wasi._pb2.zetasql.public import type_pb2, value_pb2

Cell: TypeAlias = str | dict[str, Any] | list[dict[str, Any]] | None

_EPOCH = date(1970, 1, 1)
_NUMERIC_SCALE = 9
_BIGNUMERIC_SCALE = 38
_EXACT = Context(prec=80)
"""A BIGNUMERIC has up to 77 digits; Python's own context would round it to 28."""


def rest_row(
    values: Sequence[value_pb2.ValueProto], types: Sequence[type_pb2.TypeProto], *, int64_timestamps: bool
) -> dict[str, Any]:
    """`{"f": [{"v": ...}]}`. Without *int64_timestamps* a TIMESTAMP is seconds as a float, as the API's default is."""
    return {
        "f": [
            {"v": rest_cell(value, sql_type, int64_timestamps=int64_timestamps)}
            for value, sql_type in zip(values, types, strict=True)
        ]
    }


def rest_cell(value: value_pb2.ValueProto, sql_type: type_pb2.TypeProto, *, int64_timestamps: bool) -> Cell:
    """One value; NULL is None, a NULL array an empty one."""
    kind = sql_type.type_kind
    if kind == type_pb2.TYPE_ARRAY:
        element_type = sql_type.array_type.element_type
        elements = value.array_value.element
        return [{"v": rest_cell(element, element_type, int64_timestamps=int64_timestamps)} for element in elements]
    if value.WhichOneof("value") is None:
        return None
    if kind == type_pb2.TYPE_STRUCT:
        types = [field.field_type for field in sql_type.struct_type.field]
        return rest_row(value.struct_value.field, types, int64_timestamps=int64_timestamps)
    if kind == type_pb2.TYPE_RANGE:
        return _range(value.range_value, sql_type.range_type.element_type, int64_timestamps=int64_timestamps)
    if kind == type_pb2.TYPE_TIMESTAMP:
        micros = value.timestamp_value.seconds * 1_000_000 + value.timestamp_value.nanos // 1000
        return str(micros) if int64_timestamps else repr(micros / 1e6)
    return _scalar(value, kind)


def _scalar(value: value_pb2.ValueProto, kind: int) -> str:  # noqa: PLR0911  one line per type
    match kind:
        case type_pb2.TYPE_BOOL:
            return "true" if value.bool_value else "false"
        case type_pb2.TYPE_DOUBLE:
            return _float(value.double_value)
        case type_pb2.TYPE_NUMERIC:
            return _decimal(value.numeric_value, _NUMERIC_SCALE)
        case type_pb2.TYPE_BIGNUMERIC:
            return _decimal(value.bignumeric_value, _BIGNUMERIC_SCALE)
        case type_pb2.TYPE_BYTES:
            return base64.b64encode(value.bytes_value).decode()
        case type_pb2.TYPE_DATE:
            return (_EPOCH + timedelta(days=value.date_value)).isoformat()
        case type_pb2.TYPE_DATETIME:
            return _datetime(value.datetime_value.bit_field_datetime_seconds, value.datetime_value.nanos)
        case type_pb2.TYPE_TIME:
            return _time(value.time_value)
        case type_pb2.TYPE_INTERVAL:
            return _interval(value.interval_value)
        case _:
            name = value.WhichOneof("value")
            assert name is not None
            return str(getattr(value, name))


def _range(value: value_pb2.ValueProto.Range, element: type_pb2.TypeProto, *, int64_timestamps: bool) -> str:
    start, end = (rest_cell(bound, element, int64_timestamps=int64_timestamps) for bound in (value.start, value.end))
    return f"[{start or 'UNBOUNDED'}, {end or 'UNBOUNDED'})"


def _interval(data: bytes) -> str:
    """`1-2 3 4:5:6.789`, from microseconds, days, and months with their sign in one word."""
    micros, days, packed = struct.unpack("<qiI", data)
    months = packed >> 13 & 0x3FFFF
    seconds, fraction = divmod(abs(micros), 1_000_000)
    clock = f"{seconds // 3600}:{seconds // 60 % 60}:{seconds % 60}"
    if fraction:
        clock += f".{fraction:06d}" if fraction % 1000 else f".{fraction // 1000:03d}"
    year_month = f"{'-' if packed >> 31 else ''}{months // 12}-{months % 12}"
    return f"{year_month} {days} {'-' if micros < 0 else ''}{clock}"


def _float(number: float) -> str:
    if math.isnan(number):
        return "NaN"
    if math.isinf(number):
        return "Infinity" if number > 0 else "-Infinity"
    return repr(number)


def _decimal(data: bytes, scale: int) -> str:
    number = _EXACT.scaleb(Decimal(int.from_bytes(data, "little", signed=True)), -scale)
    return format(_EXACT.normalize(number), "f") if number else "0"


def _datetime(packed: int, nanos: int) -> str:
    # Six bit fields, seconds lowest: 6 6 5 5 4, the year above.
    moment = datetime(  # noqa: DTZ001  a DATETIME has no time zone
        packed >> 26, packed >> 22 & 15, packed >> 17 & 31, packed >> 12 & 31, packed >> 6 & 63, packed & 63
    )
    return moment.replace(microsecond=nanos // 1000).isoformat()


def _time(packed: int) -> str:
    nanos, seconds = packed & ((1 << 30) - 1), packed >> 30
    return time(seconds >> 12 & 31, seconds >> 6 & 63, seconds & 63, nanos // 1000).isoformat()
