"""What each column of a result is to a chart: a time axis, a category, a measure, or nothing. Pure."""

import math
import re
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from itertools import pairwise
from typing import Final, Literal, TypeAlias

from agent.turn import Cell, Column, Table

Role: TypeAlias = Literal["time", "steps", "category", "measure", "position", "other"]
"""`steps`: whole numbers at even distances, such as bands of age; `position`: such that only sort categories."""

_NUMBERS: Final = frozenset({"INT64", "FLOAT64", "NUMERIC", "BIGNUMERIC", "DECIMAL", "BIGDECIMAL"})
_MOMENTS: Final = frozenset({"DATE", "DATETIME", "TIMESTAMP"})
_MOMENT_TEXT: Final = re.compile(
    r"(?:1[89]|20|21)\d\d"
    r"(?:-?(?:Q[1-4]|W[0-5]?\d|H[12])|-?(?:0[1-9]|1[0-2])(?:-?(?:0[1-9]|[12]\d|3[01])(?:[T ][\d:.+Z-]+)?)?)?"
)
"""2025, 2025-01, 202501, 2025-01-31, 20250131, 2025-Q1, 2025-W07, and a time of day behind a day."""
_MOMENT_NAME: Final = re.compile(
    r"(^|_)(year|quarter|month|week|day|date|hour)s?($|_)|년|월|일자|날짜|年|月|日付", re.IGNORECASE
)
_IDENTIFIER: Final = re.compile(r"(^|_)(id|ids|key|code|zip|sku|uuid)$", re.IGNORECASE)
_RELATIVE: Final = re.compile(
    r"pct|percent|rate|ratio|growth|change|avg|average|mean|median|per_|율|률|평균|率|平均", re.IGNORECASE
)
_CALENDAR_POSITIONS: Final = 5
"""From so many even steps on, numbers named for a unit of time are a time axis; fewer are bars side by side."""


@dataclass(frozen=True, slots=True)
class Read:
    """A column with what it is."""

    index: int
    column: Column
    role: Role


def read_columns(table: Table) -> tuple[Read, ...]:
    """One for each column, in their order. *table* has rows."""
    roles: list[Role] = [_role(table, index) for index in range(len(table.columns))]
    # Whole numbers at even distances are an axis where they come first. Beside categories and what is measured of
    # them they only say an order; anywhere else they are measured themselves, and happen to rise evenly.
    is_beside = "category" in roles and "measure" in roles and "time" not in roles
    for index, role in enumerate(roles):
        if role == "steps" and index > 0:
            roles[index] = "position" if is_beside else "measure"
    return tuple(Read(i, column, role) for i, (column, role) in enumerate(zip(table.columns, roles, strict=True)))


def number_of(value: Cell) -> float | None:
    """A cell as a finite number; None for all else."""
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, str):
        try:
            value = Decimal(value)
        except InvalidOperation:
            return None
    if not isinstance(value, int | float | Decimal):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None


def is_relative(name: str) -> bool:
    """A percentage, a rate, a mean: not a part of anything, and not to be added up."""
    return (
        re.search(r"pct|percent|rate|ratio|growth|change|avg|average|mean|median|per_|율|률|평균|率|平均", name, re.I)
        is not None
    )


def _role(table: Table, index: int) -> Role:
    column, values = table.columns[index], [row[index] for row in table.rows]
    present = [value for value in values if value is not None]
    if not present:
        return "other"
    if column.type in _MOMENTS:
        return "time"
    if column.type in _NUMBERS:
        return _role_of_numbers(column, values)
    if column.type != "STRING" or not all(isinstance(value, str) for value in present):
        return "category" if column.type == "BOOL" else "other"
    if all(_MOMENT_TEXT.fullmatch(str(value)) for value in present):
        return "time"
    return "category"


def _role_of_numbers(column: Column, values: list[Cell]) -> Role:
    if _IDENTIFIER.search(column.name):
        return "category"
    numbers = [number_of(value) for value in values]
    whole = [int(n) for n in numbers if n is not None and n.is_integer()]
    is_named_for_time = _MOMENT_NAME.search(column.name) is not None
    if column.type != "INT64" or len(whole) != len(values):
        return "measure"
    if is_named_for_time and all(1800 <= n < 2200 for n in whole):
        return "time"
    distances = {later - earlier for earlier, later in pairwise(whole)}
    is_even = len(whole) > 2 and len(distances) == 1 and min(distances) > 0
    if is_even and is_named_for_time and len(whole) >= _CALENDAR_POSITIONS:
        return "time"
    return "steps" if is_even else "measure"
