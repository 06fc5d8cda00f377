"""GoogleSQL's types: from their text to the engine's form."""

import re
from collections.abc import Iterator
from typing import Final

from zetasql.wasi._pb2.zetasql.public import type_pb2

KIND_OF_NAME: Final = {
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
    """A type whose text is not understood here."""


def parse_type(text: str) -> type_pb2.TypeProto:
    """`ARRAY<STRUCT<key STRING>>` in the engine's form. Raises UnknownType."""
    tokens = iter(re.findall(r"\w+|[<>,]|[^\s\w<>,]", text))
    try:
        parsed = _parse(tokens)
    except (KeyError, StopIteration):
        raise UnknownType(text) from None
    if next(tokens, None) is not None:
        raise UnknownType(text)
    return parsed


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
        if separator != ">":
            raise KeyError(separator)
    else:
        parsed.type_kind = KIND_OF_NAME[name]
    return parsed


def _expect(tokens: Iterator[str], token: str) -> None:
    if next(tokens) != token:
        raise KeyError(token)
