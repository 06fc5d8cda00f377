"""BigQuery's type names as Google's engine takes them: `ARRAY<STRUCT<sku STRING, quantity INT64>>`."""

import re
from typing import Final

from zetasql.wasi._pb2.zetasql.public import type_pb2

_TOKEN: Final = re.compile(r"`[^`]*`|[^\s<>,`]+|[<>,]")
_KINDS: Final = {
    "INT64": type_pb2.TYPE_INT64,
    "FLOAT64": type_pb2.TYPE_DOUBLE,
    "STRING": type_pb2.TYPE_STRING,
    "BYTES": type_pb2.TYPE_BYTES,
    "BOOL": type_pb2.TYPE_BOOL,
    "DATE": type_pb2.TYPE_DATE,
    "DATETIME": type_pb2.TYPE_DATETIME,
    "TIME": type_pb2.TYPE_TIME,
    "TIMESTAMP": type_pb2.TYPE_TIMESTAMP,
    "NUMERIC": type_pb2.TYPE_NUMERIC,
    "BIGNUMERIC": type_pb2.TYPE_BIGNUMERIC,
    "GEOGRAPHY": type_pb2.TYPE_GEOGRAPHY,
    "JSON": type_pb2.TYPE_JSON,
    "INTERVAL": type_pb2.TYPE_INTERVAL,
}


class UnknownType(ValueError):
    """A type that the engine, or this file, does not know."""


def parse_type(text: str) -> type_pb2.TypeProto:
    """Raises UnknownType."""
    tokens = _TOKEN.findall(text)
    parsed, rest = _parse(tokens)
    if rest:
        raise UnknownType(text)
    return parsed


def _parse(tokens: list[str]) -> tuple[type_pb2.TypeProto, list[str]]:
    if not tokens:
        raise UnknownType("")
    name, rest = tokens[0].upper(), tokens[1:]
    parsed = type_pb2.TypeProto()
    match name:
        case "ARRAY":
            parsed.type_kind = type_pb2.TYPE_ARRAY
            element, rest = _parse(_after(rest, "<"))
            parsed.array_type.element_type.CopyFrom(element)
            return parsed, _after(rest, ">")
        case "RANGE":
            parsed.type_kind = type_pb2.TYPE_RANGE
            element, rest = _parse(_after(rest, "<"))
            parsed.range_type.element_type.CopyFrom(element)
            return parsed, _after(rest, ">")
        case "STRUCT":
            parsed.type_kind = type_pb2.TYPE_STRUCT
            parsed.struct_type.SetInParent()
            rest = _after(rest, "<")
            while rest[:1] != [">"]:
                field = parsed.struct_type.field.add()
                if len(rest) < 2:
                    raise UnknownType(name)
                field.field_name = rest[0].strip("`")
                kind, rest = _parse(rest[1:])
                field.field_type.CopyFrom(kind)
                rest = rest[1:] if rest[:1] == [","] else rest
            return parsed, rest[1:]
        case _ if name in _KINDS:
            parsed.type_kind = _KINDS[name]
            return parsed, rest
        case _:
            raise UnknownType(name)


def _after(tokens: list[str], token: str) -> list[str]:
    if tokens[:1] != [token]:
        raise UnknownType(token)
    return tokens[1:]
