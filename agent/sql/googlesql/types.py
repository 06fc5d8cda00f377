"""GoogleSQL's types: from their text, as BigQuery describes columns, to the engine's form."""

import re
from typing import Final

from zetasql.wasi._pb2.zetasql.public import type_pb2

_TOKEN: Final = re.compile(r"`[^`]*`|[^\s<>,`]+|[<>,]")
_KIND_OF_NAME: Final = {
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
    "GEOGRAPHY": type_pb2.TYPE_GEOGRAPHY,
    "INTERVAL": type_pb2.TYPE_INTERVAL,
}

ALIASES: Final = {
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


class UnknownType(ValueError):
    """A type that the engine, or this file, does not know."""


def parse_type(text: str) -> type_pb2.TypeProto:
    """`ARRAY<STRUCT<sku STRING, quantity INT64>>` in the engine's form. Raises UnknownType."""
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
        case _ if name in _KIND_OF_NAME:
            parsed.type_kind = _KIND_OF_NAME[name]
            return parsed, rest
        case _:
            raise UnknownType(name)


def _after(tokens: list[str], token: str) -> list[str]:
    if tokens[:1] != [token]:
        raise UnknownType(token)
    return tokens[1:]
