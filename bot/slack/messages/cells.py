"""Values of a result as people read them, and as cells of Slack's data table."""

import json
import math
import re
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from agent.turn import Cell, Column, Language
from bot.i18n.values import long_date, measured_text, moment_cell

LONGEST_CELL: Final = 300
"""Characters. One long value must not eat the space of the whole table."""
NULL: Final = "—"
_IDENTIFIER: Final = re.compile(r"(^|_)(id|ids|key|code|zip|year|yyyy|yyyymm|yyyymmdd)$", re.IGNORECASE)
_DAYS: Final = frozenset({"DATE", "TIMESTAMP", "DATETIME"})
_MOMENTS: Final = frozenset({"TIMESTAMP", "DATETIME"})
_NUMERIC: Final = frozenset({"NUMERIC", "BIGNUMERIC", "DECIMAL", "BIGDECIMAL"})


def cell_text(value: Cell, column: Column) -> str:
    """Whole, as text; NULL is a dash, and an id or a year gets no thousands separators."""
    match value:
        case None:
            return NULL
        case bool():
            return "true" if value else "false"
        case int() | float():
            return str(value) if _IDENTIFIER.search(column.name) else measured_text(value, column.name)
        case str():
            return _string_text(value, column)
        case _:
            return json.dumps(value, ensure_ascii=False, default=str)


def lone_text(value: Cell, column: Column, language: Language) -> str:
    """The one value of a result: a day is written out."""
    text = cell_text(value, column)
    return long_date(text, language) if column.type in _DAYS else text


def table_cell(value: Cell, column: Column) -> tuple[dict[str, Any], bool]:
    """A cell of a data table, and whether it was cut. Slack sorts a column by number when every cell is one."""
    text = cell_text(value, column)
    number = _number(value, column)
    if number is not None:
        return {"type": "raw_number", "value": number, "text": text}, False
    shown = text if len(text) <= LONGEST_CELL else text[: LONGEST_CELL - 1] + "…"
    return {"type": "raw_text", "text": shown or " "}, len(text) > LONGEST_CELL


def _number(value: Cell, column: Column) -> int | float | None:
    """The number that Slack sorts by. Beyond 2^53 JSON readers round: such a value stays text."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value if abs(value) <= 2**53 else None
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, str) and column.type in _NUMERIC:
        try:
            number = float(Decimal(value))
        except (InvalidOperation, OverflowError):
            return None
        return number if math.isfinite(number) else None
    return None


def _string_text(value: str, column: Column) -> str:
    if column.type in _MOMENTS:
        return moment_cell(value)
    if column.type not in _NUMERIC:
        return value
    try:
        return measured_text(Decimal(value), column.name)
    except InvalidOperation:
        return value
