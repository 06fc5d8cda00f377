"""Values as exact text: nothing is rounded, grouped or shortened in a file."""

import json
import math
from typing import Final

from agent.turn import Cell

FREE_TEXT: Final = ("STRING", "JSON", "ARRAY", "STRUCT")
"""Types whose text somebody else chose: what is in them may be a formula. All others are spelled by BigQuery itself,
and `-5` stays the number that it is."""


def is_free_text(column_type: str) -> bool:
    return column_type.startswith(FREE_TEXT)


def exact_text(value: Cell) -> str:
    """As BigQuery casts it to text; arrays and structs as JSON. Not for NULL."""
    match value:
        case bool():
            return "true" if value else "false"
        case float():
            return _float(value)
        case str():
            return value
        case list() | dict():
            return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
        case _:
            return str(value)


def _float(value: float) -> str:
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    return repr(value)
