"""The client library's Python values and schema fields as the agent's cells and columns.

Source of the spellings: BigQuery's CAST(... AS STRING), https://cloud.google.com/bigquery/docs/reference/standard-sql/conversion_functions
"""

import base64
import datetime
import decimal
import json
from collections.abc import Mapping, Sequence
from typing import Final, cast

from google.cloud.bigquery import SchemaField

from agent.turn import Cell, Column

_STANDARD_NAMES: Final = {
    "INTEGER": "INT64",
    "FLOAT": "FLOAT64",
    "BOOLEAN": "BOOL",
    "RECORD": "STRUCT",
    "DECIMAL": "NUMERIC",
    "BIGDECIMAL": "BIGNUMERIC",
}


def column_of(field: SchemaField) -> Column:
    return Column(field.name, standard_type(field))


def standard_type(field: SchemaField) -> str:
    """The column's type as standard SQL writes it: `ARRAY<STRUCT<sku STRING, quantity INT64>>`."""
    name = _STANDARD_NAMES.get(field.field_type, field.field_type)
    if name == "STRUCT":
        name = f"STRUCT<{', '.join(f'{inner.name} {standard_type(inner)}' for inner in field.fields)}>"
    if name == "RANGE" and field.range_element_type is not None:
        name = f"RANGE<{field.range_element_type.element_type}>"
    return f"ARRAY<{name}>" if field.mode == "REPEATED" else name


def cell_of(value: object, field: SchemaField) -> Cell:
    """*value* as the client library gives it for *field*, in the shape that `agent.turn.Cell` promises.

    The library has read JSON already: JSON null and SQL NULL are both None by now, and keys keep their order.
    """
    if field.mode == "REPEATED":
        return [_scalar(item, field) for item in cast("Sequence[object]", value or ())]
    return _scalar(value, field)


def _scalar(value: object, field: SchemaField) -> Cell:  # noqa: PLR0911 - one line for each of BigQuery's types
    if field.field_type == "JSON":
        return None if value is None else json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    if field.field_type == "INTERVAL":
        return None if value is None else _interval(value)
    match value:
        case decimal.Decimal():
            return format(value, "f")
        case bytes():
            return base64.standard_b64encode(value).decode("ascii")
        case datetime.datetime():
            return _moment(value)
        case datetime.date():
            return value.isoformat()
        case datetime.time():
            return value.replace(microsecond=0).isoformat() + _fraction(value.microsecond)
        case Mapping():
            record = cast("Mapping[str, object]", value)
            if field.field_type == "RANGE":
                return f"[{_bound(record['start'])}, {_bound(record['end'])})"
            return {inner.name: cell_of(record[inner.name], inner) for inner in field.fields}
        case _:
            return value


def _moment(value: datetime.datetime) -> str:
    """`2025-01-01 00:00:00+00` for a TIMESTAMP, the same without `+00` for a DATETIME."""
    text = value.replace(microsecond=0, tzinfo=None).isoformat(sep=" ") + _fraction(value.microsecond)
    return text if value.tzinfo is None else f"{text}+00"


def _fraction(microsecond: int) -> str:
    """BigQuery writes three or six digits, or none."""
    if microsecond == 0:
        return ""
    return f".{microsecond // 1000:03d}" if microsecond % 1000 == 0 else f".{microsecond:06d}"


def _bound(value: object) -> str:
    match value:
        case None:
            return "UNBOUNDED"
        case datetime.datetime():
            return _moment(value)
        case datetime.date():
            return value.isoformat()
        case _:
            return str(value)


def _interval(value: object) -> str:
    """dateutil's relativedelta as `Y-M D H:M:S`, BigQuery's canonical form."""
    part = {
        name: int(getattr(value, name))
        for name in ("years", "months", "days", "hours", "minutes", "seconds", "microseconds")
    }
    calendar = part["years"] * 12 + part["months"]
    micros = ((part["hours"] * 60 + part["minutes"]) * 60 + part["seconds"]) * 1_000_000 + part["microseconds"]
    # relativedelta carries hours over 24 into days: the interval is the same, only its split is lost.
    seconds, fraction = divmod(abs(micros), 1_000_000)
    clock = f"{seconds // 3600}:{seconds // 60 % 60}:{seconds % 60}{_fraction(fraction)}"
    months = f"{abs(calendar) // 12}-{abs(calendar) % 12}"
    return f"{'-' if calendar < 0 else ''}{months} {part['days']} {'-' if micros < 0 else ''}{clock}"
