"""A result laid out as labels by series: one row per label already, or a category turned into series. Pure."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from agent.turn import Cell, Table
from bot.charts.chart import Series
from bot.charts.columns import Read, number_of

MOST_SERIES: Final = 12
_FULL_ENOUGH: Final = 0.6
"""Of all pairs of two categories, as many must be there to be drawn as series; sparse pairs are labels of their own."""
_DIGITS: Final = re.compile(r"(\d{4})(\d\d)(\d\d)?")
_NOTHING: Final = "—"


@dataclass(frozen=True, slots=True)
class Grid:
    labels: tuple[str, ...]
    series: tuple[Series, ...]
    axis: str
    is_pivot: bool = False
    """The series are the values of one category, all of one measure."""


def grid_of(table: Table, axis: Read | None, categories: Sequence[Read], main: Sequence[Read]) -> Grid | None:
    """None where several rows share a place. Time and steps come in their order, categories in the result's."""
    first = axis if axis is not None else categories[0]
    others = [read for read in categories if read.index != first.index]
    labels = [_label(row[first.index], first) for row in table.rows]
    if len(set(labels)) == len(labels) and (axis is not None or not others):
        return _sorted_by_axis(Grid(tuple(labels), _series(table, main), first.column.name), table, axis)
    if len(others) == 1 and (pivot := _pivot(table, axis, first, others[0], main[0])) is not None:
        return pivot
    if axis is not None:
        return None
    joined = [" · ".join(label_of(row[read.index]) for read in (first, *others)) for row in table.rows]
    if len(set(joined)) != len(joined):
        return None
    return Grid(tuple(joined), _series(table, main), first.column.name)


def label_of(value: Cell) -> str:
    """A cell as the name of its place; midnights are days."""
    if value is None:
        return _NOTHING
    if isinstance(value, bool):
        return "true" if value else "false"
    text = " ".join(str(value).split())
    for midnight in ("T00:00:00Z", "T00:00:00", " 00:00:00+00:00", " 00:00:00+00", " 00:00:00"):
        text = text.removesuffix(midnight)
    return text or _NOTHING


def _label(value: Cell, read: Read) -> str:
    """Days and months that are written without hyphens get them."""
    text = label_of(value)
    if read.role == "time" and (digits := _DIGITS.fullmatch(text)):
        return "-".join(part for part in digits.groups() if part)
    return text


def _series(table: Table, main: Sequence[Read]) -> tuple[Series, ...]:
    return tuple(
        Series(read.column.name, tuple(number_of(row[read.index]) for row in table.rows)) for read in main[:MOST_SERIES]
    )


def _sorted_by_axis(grid: Grid, table: Table, axis: Read | None) -> Grid:
    if axis is None:
        return grid
    order = sorted(range(len(grid.labels)), key=lambda at: _key(table.rows[at][axis.index]))
    return Grid(
        tuple(grid.labels[at] for at in order),
        tuple(Series(one.name, tuple(one.values[at] for at in order)) for one in grid.series),
        grid.axis,
    )


def _pivot(table: Table, axis: Read | None, first: Read, other: Read, measure: Read) -> Grid | None:
    cells: dict[tuple[str, str], float | None] = {}
    for row in table.rows:
        place = (_label(row[first.index], first), label_of(row[other.index]))
        if place in cells:
            return None
        cells[place] = number_of(row[measure.index])
    keys: Mapping[str, Cell] = {_label(row[first.index], first): row[first.index] for row in table.rows}
    labels = list(keys) if axis is None else sorted(keys, key=lambda label: _key(keys[label]))
    names = list(dict.fromkeys(name for _, name in cells))
    is_full = len(cells) >= _FULL_ENOUGH * len(labels) * len(names)
    if not is_full or len(names) > MOST_SERIES or len(labels) == len(cells):
        return None
    series = tuple(Series(name, tuple(cells.get((label, name)) for label in labels)) for name in names)
    return Grid(tuple(labels), series, first.column.name, is_pivot=True)


def _key(value: Cell) -> tuple[bool, float, str]:
    """Numbers by size, moments by their spelling, which BigQuery writes so that it sorts; NULL last."""
    number = float(value) if isinstance(value, int | float) and not isinstance(value, bool) else 0.0
    return value is None, number, str(value)
