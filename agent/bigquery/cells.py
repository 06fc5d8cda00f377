"""Cells as BigQuery's REST API writes them, all text, as the agent's cells; its schema fields as columns.

Read off the wire and not through the client library's own values: those lose an interval's split, a JSON number's
digits, JSON null beside SQL NULL, and the second of two struct fields of one name.
Source of the spellings: BigQuery's CAST(... AS STRING), https://cloud.google.com/bigquery/docs/reference/standard-sql/conversion_functions
"""

import datetime
from collections.abc import Generator, Mapping, Sequence
from typing import Any, Final, TypeAlias

from google.cloud.bigquery import SchemaField

from agent.turn import Cell, Column

WireCell: TypeAlias = Any
"""Text; None; a list of `{"v": ...}` for an array; `{"f": [{"v": ...}]}` for a struct."""

_STANDARD_NAMES: Final = {
    "INTEGER": "INT64",
    "FLOAT": "FLOAT64",
    "BOOLEAN": "BOOL",
    "RECORD": "STRUCT",
    "DECIMAL": "NUMERIC",
    "BIGDECIMAL": "BIGNUMERIC",
}
_EPOCH: Final = datetime.datetime(1970, 1, 1)  # noqa: DTZ001 - the zone is written by hand: it is always UTC
_UNBOUNDED: Final = frozenset({"UNBOUNDED", "NULL"})


def column_of(field: SchemaField) -> Column:
    return Column(field.name, standard_type(field))


def standard_type(field: SchemaField) -> str:
    """The column's type as standard SQL writes it: `ARRAY<STRUCT<sku STRING, quantity INT64>>`."""
    name = _name_of(field)
    if name == "STRUCT":
        inner = zip(field_names(field.fields), field.fields, strict=True)
        name = f"STRUCT<{', '.join(f'{name} {standard_type(one)}' for name, one in inner)}>"
    if name == "RANGE" and field.range_element_type is not None:
        name = f"RANGE<{field.range_element_type.element_type}>"
    return f"ARRAY<{name}>" if field.mode == "REPEATED" else name


def field_names(fields: Sequence[SchemaField]) -> Generator[str]:
    """The keys of a struct's dict, one for each field: `_field_2` for one without a name, `a_2` for a second `a`."""
    taken: set[str] = set()
    for position, field in enumerate(fields, start=1):
        name = wanted = field.name or f"_field_{position}"
        again = 2
        while name in taken:
            name, again = f"{wanted}_{again}", again + 1
        taken.add(name)
        yield name


def cell_of(wire: WireCell, field: SchemaField) -> Cell:
    """*wire* in the shape that `agent.turn.Cell` promises; TIMESTAMP comes as microseconds (useInt64Timestamp)."""
    if field.mode == "REPEATED":
        return [_scalar(element["v"], field) for element in wire or ()]
    return _scalar(wire, field)


def _scalar(wire: WireCell, field: SchemaField) -> Cell:  # noqa: PLR0911 - one line for each of BigQuery's types
    if wire is None:
        return None
    match _name_of(field):
        case "INT64":
            return int(wire)
        case "FLOAT64":
            return float(wire)  # NaN, Infinity and -Infinity are spelled as Python reads them
        case "BOOL":
            return str(wire).lower() == "true"
        case "STRUCT":
            return _struct(wire, field)
        case "TIMESTAMP":
            return _timestamp(wire)
        case "DATETIME":
            return _datetime(wire)
        case "TIME":
            return _time(wire)
        case "RANGE":
            return _range(wire, field)
        case _:
            return str(wire)


def _name_of(field: SchemaField) -> str:
    return _STANDARD_NAMES.get(field.field_type, field.field_type)


def _struct(wire: Mapping[str, Any], field: SchemaField) -> Cell:
    values = zip(field_names(field.fields), wire["f"], field.fields, strict=True)
    return {name: cell_of(value["v"], inner) for name, value, inner in values}


def _timestamp(wire: str) -> str:
    """`2025-01-01 00:00:00+00`."""
    return _moment(_EPOCH + datetime.timedelta(microseconds=int(wire))) + "+00"


def _datetime(wire: str) -> str:
    """The same without `+00`."""
    return _moment(datetime.datetime.fromisoformat(wire))


def _moment(value: datetime.datetime) -> str:
    return value.replace(microsecond=0).isoformat(sep=" ") + _fraction(value.microsecond)


def _time(wire: str) -> str:
    value = datetime.time.fromisoformat(wire)
    return value.replace(microsecond=0).isoformat() + _fraction(value.microsecond)


def _fraction(microsecond: int) -> str:
    """BigQuery writes three or six digits, or none."""
    if microsecond == 0:
        return ""
    return f".{microsecond // 1000:03d}" if microsecond % 1000 == 0 else f".{microsecond:06d}"


def _range(wire: str, field: SchemaField) -> str:
    """`[2025-01-01, UNBOUNDED)`."""
    element = field.range_element_type.element_type if field.range_element_type is not None else None
    start, end = wire[1:-1].split(", ")
    return f"[{_bound(start, element)}, {_bound(end, element)})"


def _bound(wire: str, element: str | None) -> str:
    if wire.upper() in _UNBOUNDED:
        return "UNBOUNDED"
    match element:
        case "TIMESTAMP":
            return _timestamp(wire)
        case "DATETIME":
            return _datetime(wire)
        case _:
            return wire
