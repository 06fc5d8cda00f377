"""Which chart a result gets: what its columns are decides, and the order that the question gave its rows. Pure.

Time makes a line, categories bars, parts of a whole a pie when they are few, two measures without an axis a scatter,
two of different size over one axis bars with a line; one number makes none, several of one kind in one row bars.
"""

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from agent.turn import ShownAs, Table
from bot.charts.chart import Chart, Kind, Series
from bot.charts.columns import Read, is_relative, number_of, read_columns
from bot.charts.grid import Grid, grid_of

MOST_SEGMENTS: Final = 12
"""Of a pie that somebody wants."""
_FEW_SEGMENTS: Final = 6
"""Of a pie that nobody asked for."""
_LEAST_POINTS: Final = 2
_ONE_SCALE: Final = 12.0
"""Measures whose largest values are further apart do not share an axis: the small one would be a flat line."""
_MOST_BARS: Final = 20
_MOST_MEASURES: Final = 5
"""Side by side. A result with more of them is a list to be read, not a picture."""
_LEAST_CLOUD: Final = 8
"""Points of a scatter."""


def choose_chart(table: Table, wished: ShownAs | None = None) -> Chart | None:
    """None where a chart would say no more than the table; *wished* is taken where the data can be drawn so."""
    if wished == "table" or not table.rows or table.is_truncated:
        return None
    chart = _natural(table)
    if chart is None or wished is None or wished == chart.kind:
        return chart
    return replace(chart, kind=wished) if wished in kinds_for(chart) else chart


def kinds_for(chart: Chart) -> tuple[ShownAs, ...]:
    """The forms that *chart* can be changed to, its own among them."""
    if chart.kind in ("scatter", "combined"):
        return ()
    lines: tuple[ShownAs, ...] = ("line", "area") if len(chart.labels) > _LEAST_POINTS else ()
    parts: tuple[ShownAs, ...] = ("pie",) if _may_be_parts(chart) else ()
    return ("bar", *lines, *parts)


def _natural(table: Table) -> Chart | None:
    columns = read_columns(table)
    measures = [read for read in columns if read.role == "measure"]
    if not measures:
        return None
    if len(table.rows) == 1:
        return _comparison(table, measures)
    axis = _first(columns, "time") or _first(columns, "steps")
    categories = [read for read in columns if read.role == "category"]
    categories = [read for read in categories if not _names_another(table, read, categories)]
    if axis is None and not categories:
        return _cloud(table, measures, None)
    sorted_by = _sorted_by(table, measures) if axis is None and len(measures) > 1 else None
    main = (sorted_by,) if sorted_by is not None else _main_measures(table, measures, may_be_two=axis is not None)
    grid = grid_of(table, axis, categories, main)
    if grid is None:
        return None
    is_list_of_names = axis is None and sorted_by is None and len(categories) == 1
    if is_list_of_names and len(grid.labels) > _MOST_BARS and len(measures) > 1:
        return _cloud(table, measures, categories[0])
    return _drawn(grid, axis)


def _drawn(grid: Grid, axis: Read | None) -> Chart | None:
    is_time = axis is not None and axis.role == "time"
    if len(grid.labels) < _LEAST_POINTS or (not grid.is_pivot and len(grid.series) > _MOST_MEASURES):
        return None
    if len(grid.series) == 2 and not grid.is_pivot and not _share_a_scale(grid.series):
        return Chart("combined", grid.labels, grid.series, grid.axis, is_time=is_time)
    kind: Kind = "line" if is_time and len(grid.labels) > _LEAST_POINTS else "bar"
    chart = Chart(kind, grid.labels, grid.series, grid.axis, is_time=is_time)
    if axis is not None:
        return chart
    chart = _largest(chart)
    is_pie = len(chart.labels) <= _FEW_SEGMENTS and _may_be_parts(chart) and _is_whole(chart.series[0].values)
    return replace(chart, kind="pie") if is_pie else chart


def _sorted_by(table: Table, measures: Sequence[Read]) -> Read | None:
    """The measure that the rows are ordered by: it is what was asked about, the others explain it."""
    for is_falling in (True, False):
        for read in reversed(measures):
            if _is_sorted([number_of(row[read.index]) for row in table.rows], is_falling=is_falling):
                return read
    return None


def _main_measures(table: Table, measures: Sequence[Read], *, may_be_two: bool) -> tuple[Read, ...]:
    """Those that go on one axis with the first; else, where there *may_be_two* axes, the first and another one."""
    alike = tuple(read for read in measures if is_relative(read.column.name) == is_relative(measures[0].column.name))
    sizes = {read.index: _size([number_of(row[read.index]) for row in table.rows]) for read in measures}
    first = measures[0]
    together = tuple(read for read in alike if read is first or _close(sizes[read.index], sizes[first.index]))
    if len(together) == 1 and len(measures) > 1 and may_be_two:
        return (first, next(read for read in measures if read not in together))
    return together


def _comparison(table: Table, measures: Sequence[Read]) -> Chart | None:
    """One row: values of one kind and size side by side, the columns being what is compared."""
    groups: dict[str, list[tuple[str, float]]] = {}
    for read in measures:
        number = number_of(table.rows[0][read.index])
        if number is not None and not is_relative(read.column.name):
            groups.setdefault(read.column.type, []).append((read.column.name, number))
    largest = max(groups.values(), key=len, default=[])
    if len(largest) < _LEAST_POINTS or not _close(*_ends([abs(number) for _, number in largest])):
        return None
    labels = tuple(name.replace("_", " ") for name, _ in largest)
    return Chart("bar", labels, (Series("", tuple(number for _, number in largest)),), "")


def _cloud(table: Table, measures: Sequence[Read], names: Read | None) -> Chart | None:
    if len(measures) < 2 or len(table.rows) < _LEAST_CLOUD:
        return None
    points = [(row, [number_of(row[read.index]) for read in measures[:2]]) for row in table.rows]
    whole = [(row, [n for n in numbers if n is not None]) for row, numbers in points]
    kept = [(row, numbers) for row, numbers in whole if len(numbers) == 2]
    if len(kept) < _LEAST_CLOUD:
        return None
    labels = tuple("" if names is None else str(row[names.index]) for row, _ in kept)
    series = tuple(
        Series(read.column.name, tuple(numbers[at] for _, numbers in kept)) for at, read in enumerate(measures[:2])
    )
    return Chart("scatter", labels, series, "")


def _largest(chart: Chart) -> Chart:
    """The labels with the largest values, in the order of the result, when there are more than can be read."""
    if len(chart.labels) <= _MOST_BARS:
        return chart
    sizes = [sum(abs(series.values[at] or 0.0) for series in chart.series) for at in range(len(chart.labels))]
    kept = sorted(sorted(range(len(sizes)), key=lambda at: -sizes[at])[:_MOST_BARS])
    return replace(
        chart,
        labels=tuple(chart.labels[at] for at in kept),
        series=tuple(Series(series.name, tuple(series.values[at] for at in kept)) for series in chart.series),
        left_out=len(chart.labels) - len(kept),
    )


def _may_be_parts(chart: Chart) -> bool:
    values = chart.series[0].values
    is_one = len(chart.series) == 1 and not chart.left_out and len(values) <= MOST_SEGMENTS
    if not is_one or not all(value is not None and value > 0 for value in values):
        return False
    return _is_whole(values) or not is_relative(chart.series[0].name)


def _is_whole(values: Sequence[float | None]) -> bool:
    """Parts that come to 1 or to 100: nothing else tells that there is no further part."""
    total = sum(value or 0.0 for value in values)
    return any(math.isclose(total, whole, rel_tol=0.005) for whole in (1.0, 100.0))


def _names_another(table: Table, read: Read, categories: Sequence[Read]) -> bool:
    """An id beside the name of the same thing: one label is enough, and the name is the one that people read."""
    if read.column.type == "STRING" and not read.column.name.lower().endswith("id"):
        return False
    others = [other for other in categories if other.index != read.index and other.column.type == "STRING"]
    return any(len({row[other.index] for row in table.rows}) == len(table.rows) for other in others)


def _first(columns: Sequence[Read], role: str) -> Read | None:
    return next((read for read in columns if read.role == role), None)


def _share_a_scale(series: Sequence[Series]) -> bool:
    relative = {is_relative(one.name) for one in series}
    return len(relative) == 1 and _close(*(_size(one.values) for one in series))


def _size(values: Sequence[float | None]) -> float:
    return max((abs(value) for value in values if value is not None), default=0.0)


def _ends(values: Sequence[float]) -> tuple[float, float]:
    return min(values), max(values)


def _close(one: float, other: float) -> bool:
    small, large = sorted((one, other))
    return small > 0 and large / small <= _ONE_SCALE


def _is_sorted(numbers: Sequence[float | None], *, is_falling: bool) -> bool:
    known = [number for number in numbers if number is not None]
    if len(known) != len(numbers) or len(set(known)) < _LEAST_POINTS:
        return False
    return known == sorted(known, reverse=is_falling)
