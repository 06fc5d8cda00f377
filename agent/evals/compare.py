"""Is a result the gold one? Values are compared, names are not: a model may call a column what it likes.

- Every gold column must be found in the answer, each by a column of its own; columns beyond them are allowed.
- Rows are a multiset, unless the gold is ordered.
- Numbers are equal within 1e-6 of their size, whether they come as numbers or as text (NUMERIC); True is not 1.
- Dates and timestamps are equal by what they begin with: `2025-01-01` is `2025-01-01T00:00:00+00:00`.
"""

import math
import re
from collections.abc import Iterator, Sequence
from typing import Any, TypeAlias

Rows: TypeAlias = Sequence[Sequence[Any]]

RELATIVE_TOLERANCE = 1e-6
_NUMBER = re.compile(r"[-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?")
_MIDNIGHT = re.compile(r"(\d{4}-\d{2}-\d{2})[T ]00:00:00(?:\.0+)?(?:\+00:00|Z| UTC)?")
_MAX_COLUMNS = 12
_MAX_ASSIGNMENTS = 5000


def equals_gold(answer: Rows, gold: Rows, *, ordered: bool = False) -> bool:
    """Whether *answer* holds what *gold* holds."""
    if len(answer) != len(gold):
        return False
    if not gold:
        return True
    answered = [[canonical(cell) for cell in row] for row in answer]
    wanted = [[canonical(cell) for cell in row] for row in gold]
    if len(wanted[0]) > len(answered[0]) or len(answered[0]) > _MAX_COLUMNS:
        return False
    candidates = [
        [
            column
            for column in range(len(answered[0]))
            if _is_same_bag(_column(answered, column), _column(wanted, place))
        ]
        for place in range(len(wanted[0]))
    ]
    for tries, assignment in enumerate(_assignments(candidates, ())):
        if tries >= _MAX_ASSIGNMENTS:
            return False
        picked = [tuple(row[column] for column in assignment) for row in answered]
        if _rows_match(picked, [tuple(row) for row in wanted], ordered=ordered):
            return True
    return False


def canonical(cell: Any) -> Any:
    """A cell in the one form in which it is compared."""
    if cell is None or isinstance(cell, bool):
        return cell
    if isinstance(cell, int | float):
        return float(cell)
    if isinstance(cell, str):
        return _canonical_text(cell.strip())
    if isinstance(cell, list | tuple | dict):
        return tuple(canonical(item) for item in (cell.values() if isinstance(cell, dict) else cell))
    return str(cell)


def _canonical_text(text: str) -> float | str:
    if _NUMBER.fullmatch(text):
        return float(text)
    midnight = _MIDNIGHT.fullmatch(text)
    return midnight[1] if midnight else text


def _assignments(candidates: Sequence[Sequence[int]], taken: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
    """Every way to give each gold column an answer column of its own."""
    if len(taken) == len(candidates):
        yield taken
        return
    for column in candidates[len(taken)]:
        if column not in taken:
            yield from _assignments(candidates, (*taken, column))


def _column(rows: Rows, index: int) -> list[tuple[Any, ...]]:
    return [(row[index],) for row in rows]


def _is_same_bag(left: Rows, right: Rows) -> bool:
    return _rows_match(left, right, ordered=False)


def _rows_match(left: Rows, right: Rows, *, ordered: bool) -> bool:
    if not ordered:
        left, right = sorted(left, key=_sort_key), sorted(right, key=_sort_key)
    return all(_is_same_row(mine, theirs) for mine, theirs in zip(left, right, strict=True))


def _is_same_row(left: Sequence[Any], right: Sequence[Any]) -> bool:
    return all(_is_same_cell(mine, theirs) for mine, theirs in zip(left, right, strict=True))


def _is_same_cell(left: Any, right: Any) -> bool:
    if isinstance(left, float) and isinstance(right, float):
        is_nan = math.isnan(left) and math.isnan(right)
        return is_nan or math.isclose(left, right, rel_tol=RELATIVE_TOLERANCE, abs_tol=1e-9)
    if isinstance(left, tuple) and isinstance(right, tuple):
        return len(left) == len(right) and _is_same_row(left, right)
    return type(left) is type(right) and left == right


def _sort_key(row: Sequence[Any]) -> tuple[tuple[str, ...], tuple[float, ...]]:
    """By the texts first: a last digit that differs in some number then reorders no rows that a text tells apart."""
    texts = tuple("" if isinstance(cell, float) else repr(cell) for cell in row)
    numbers = tuple(cell if isinstance(cell, float) and not math.isnan(cell) else -math.inf for cell in row)
    return texts, numbers
