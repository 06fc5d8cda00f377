"""Whether a figure beside a result is the result's own: a cell, or a simple function of cells. Pure.

A model writes its sentence without being asked to count. What it says in figures is shown only where the result, the
question or the SQL says the same; a sentence with any other figure goes.
"""

import math
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain, pairwise, permutations
from typing import Any, Final

from agent.figures import Figure, figures_in
from agent.turn import Cell, Table

_MOST_ROWS: Final = 200
"""Rows looked at: a sentence about more of them than that says a total or an extreme, which the warehouse sorted up."""
_MOST_COLUMNS: Final = 8
"""Numbers of one row that are compared with one another."""
_LONGEST_CELL: Final = 200
_LONGEST_SAID: Final = 20_000
_NUMERIC: Final = re.compile(r"^-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?$")
_SENTENCE_END: Final = re.compile(r"(?<=[.!?])\s+|(?<=[。！？])|\n+")  # noqa: RUF001  # as Japanese ends them
_EPSILON: Final = 1e-9


@dataclass(frozen=True)
class Backing:
    """What figures may be taken from. *said* are texts whose numbers may be repeated: the question, the SQL, a date."""

    said: tuple[str, ...]
    table: Table | None = None

    def keep(self, text: str) -> str:
        """*text* without the sentences that state a figure of the model's own; perhaps nothing."""
        parts = _sentences(text)
        return "".join(part for part in parts if self.holds(part)).strip()

    def holds(self, text: str) -> bool:
        """True when every figure of *text* is backed."""
        return all(math.isfinite(figure.value) and self._backs(figure) for figure in figures_in(text))

    def _backs(self, figure: Figure) -> bool:
        if any(_equal(figure.value, number, 0) for number in self._said_numbers):
            return True
        if self.table is None:
            return False
        match figure.kind:
            case "rank":
                return figure.value <= self.table.total_rows
            case "percent":
                return _any(figure, chain((100 * value for value in self._plain), self._plain, self._percents))
            case "times":
                return _any(figure, chain(self._plain, (share / 100 for share in self._percents)))
            case "plain":
                return _any(figure, self._plain)

    @cached_property
    def _said_numbers(self) -> frozenset[float]:
        texts = [*self.said, *_words_of(self.table)] if self.table else list(self.said)
        return frozenset(number for text in texts for number in _numbers_said(text))

    @cached_property
    def _plain(self) -> frozenset[float]:
        """Cells, their count, what is reckoned over a column, and what differs between two cells."""
        assert self.table is not None
        values: set[float] = {float(self.table.total_rows)}
        for column in self._columns:
            values.update(column)
            values.update(_totals(column, is_whole=not self.table.is_truncated))
            values.update(abs(one - other) for one, other in self._pairs(column))
        for row in self._rows:
            for one, other in _ordered_pairs(row):
                values.update((abs(one - other), *([one / other] if other else [])))
        return frozenset(values)

    @cached_property
    def _percents(self) -> frozenset[float]:
        """Shares and changes between two cells of a column, or of a row, in percent."""
        shares: set[float] = set()
        for one, other in chain(*map(self._pairs, self._columns), *map(_ordered_pairs, self._rows)):
            for part, whole in ((one, other), (other, one)):
                if whole:
                    shares.update((abs(100 * part / whole), abs(100 * (part - whole) / whole)))
        return frozenset(shares)

    @cached_property
    def _rows(self) -> list[list[float]]:
        assert self.table is not None
        return [[number for cell in row for number in _numbers_of(cell)] for row in self.table.rows[:_MOST_ROWS]]

    @cached_property
    def _columns(self) -> list[list[float]]:
        assert self.table is not None
        rows = self.table.rows[:_MOST_ROWS]
        return [
            [number for row in rows for number in _numbers_of(row[index])] for index in range(len(self.table.columns))
        ]

    def _pairs(self, column: Sequence[float]) -> Iterator[tuple[float, float]]:
        """Each cell beside the one before it, and beside the ends, extremes and totals that people compare with."""
        assert self.table is not None
        if not column:
            return
        marks = {column[0], column[-1], *_totals(column, is_whole=not self.table.is_truncated)}
        yield from pairwise(column)
        yield from ((cell, mark) for cell in column for mark in marks)


def _sentences(text: str) -> list[str]:
    """*text* in sentences, each with the space after it."""
    starts = [0, *(found.end() for found in _SENTENCE_END.finditer(text)), len(text)]
    return [text[start:end] for start, end in pairwise(starts)]


def _any(figure: Figure, values: Iterable[float]) -> bool:
    return any(_equal(figure.value, value, figure.slack) for value in values)


def _equal(said: float, true: float, slack: float) -> bool:
    """Signs are words: `down 12`."""
    return abs(abs(said) - abs(true)) <= slack + _EPSILON * max(abs(said), 1.0)


def _totals(column: Sequence[float], *, is_whole: bool) -> tuple[float, ...]:
    """The extremes; sum and mean only of all rows."""
    if not column:
        return ()
    extremes = (min(column), max(column))
    return (*extremes, math.fsum(column), math.fsum(column) / len(column)) if is_whole else extremes


def _ordered_pairs(row: Sequence[float]) -> Iterator[tuple[float, float]]:
    return permutations(row[:_MOST_COLUMNS], 2)


def _numbers_of(cell: Cell) -> Iterator[float]:
    """A cell's number; NUMERIC comes as text."""
    if isinstance(cell, bool):
        return
    if isinstance(cell, int | float):
        yield from [float(cell)] if math.isfinite(cell) else []
    elif isinstance(cell, str) and _NUMERIC.match(cell):
        yield float(cell)


def _words_of(table: Table) -> Iterator[str]:
    """Names of columns, and the texts, dates and nested values of the rows: their numbers are names, too."""
    yield from (column.name for column in table.columns)
    cells = (cell for row in table.rows[:_MOST_ROWS] for cell in row if not any(True for _ in _numbers_of(cell)))
    yield from map(_text, cells)


def _text(cell: Any) -> str:
    return (cell if isinstance(cell, str) else str(cell))[:_LONGEST_CELL]


def _numbers_said(text: str) -> Iterator[float]:
    """Numbers of a text as they stand there, those within names, dates and times too: `2025-01` says 2025 and 1."""
    yield from (figure.value for figure in figures_in(text[:_LONGEST_SAID]))
    yield from (float(digits) for digits in re.findall(r"\d{1,15}", text[:_LONGEST_SAID]))
