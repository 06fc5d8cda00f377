"""The period that a statement asks for, made shorter: its last part is kept. Pure."""

import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from sqlglot import exp

_DAY: Final = timedelta(days=1)
_SPANS: Final = ((60, 30), (14, 7), (3, 1))
"""A period of more than so many days becomes the last so many."""
_DASHED: Final = re.compile(r"(\d{4})-(\d{2})-(\d{2})")
_PACKED: Final = re.compile(r"(\d{4})(\d{2})(\d{2})")


@dataclass(frozen=True, slots=True)
class _Bound:
    """A comparison of a column with a date that is written out."""

    column: str
    day: date
    literal: exp.Literal
    is_inclusive: bool


def shorter_period(tree: exp.Expr, today: date) -> tuple[exp.Expr, date, date] | None:
    """*tree* with its longest period cut to its last days, the first of them and the last; changed in place."""
    periods = [
        (low, _last_day(low, where, today)) for where in tree.find_all(exp.Where) for low in _bounds(where, is_low=True)
    ]
    longest = max(periods, key=lambda period: period[1] - period[0].day, default=None)
    if longest is None:
        return None
    low, last = longest
    days = (last - low.day).days + 1
    kept = next((kept for longer_than, kept in _SPANS if days > longer_than), None)
    if kept is None:
        return None
    first = last - (kept - 1) * _DAY
    start = first if low.is_inclusive else first - _DAY
    low.literal.set("this", _written_like(low.literal.name, start))
    return tree, first, last


def _last_day(low: _Bound, where: exp.Where, today: date) -> date:
    """The period's last day: the earliest end that is written for the same column, else today."""
    ends = [
        bound.day if bound.is_inclusive else bound.day - _DAY
        for bound in _bounds(where, is_low=False)
        if bound.column == low.column
    ]
    return min(ends, default=today)


def _bounds(where: exp.Where, *, is_low: bool) -> list[_Bound]:
    """The bounds that hold for every row: those that are joined with AND."""
    condition = where.this
    parts = list(condition.flatten()) if isinstance(condition, exp.And) else [condition]
    return [bound for part in parts if (bound := _bound(part, is_low=is_low)) is not None]


def _bound(part: exp.Expr, *, is_low: bool) -> _Bound | None:
    match part:
        case exp.Paren():
            return _bound(part.this, is_low=is_low)
        case exp.Between():
            return _compared(part.this, part.args["low" if is_low else "high"], is_inclusive=True)
        case exp.GTE() | exp.GT() if is_low:
            return _compared(part.this, part.expression, is_inclusive=isinstance(part, exp.GTE))
        case exp.LTE() | exp.LT() if not is_low:
            return _compared(part.this, part.expression, is_inclusive=isinstance(part, exp.LTE))
        case _:
            return None


def _compared(left: exp.Expr, right: exp.Expr, *, is_inclusive: bool) -> _Bound | None:
    """*left* may wrap its column (`DATE(created_at)`), *right* its literal (`DATE '2025-01-01'`, `TIMESTAMP(...)`)."""
    column = left if isinstance(left, exp.Column) else left.find(exp.Column)
    literals = list(right.find_all(exp.Literal))
    if column is None or len(literals) != 1 or right.find(exp.Column) or right.find(exp.Interval):
        return None
    day = _day(literals[0])
    return None if day is None else _Bound(column.sql(), day, literals[0], is_inclusive)


def _day(literal: exp.Literal) -> date | None:
    written = _DASHED.match(literal.name) or _PACKED.fullmatch(literal.name)
    try:
        return date(*map(int, written.groups())) if written and literal.is_string else None
    except ValueError:  # 2025-02-30
        return None


def _written_like(literal: str, day: date) -> str:
    """As the statement wrote it: shards are packed (`20250101`), and a time of day stays."""
    if _PACKED.fullmatch(literal):
        return day.strftime("%Y%m%d")
    return f"{day.isoformat()}{literal[10:]}"
