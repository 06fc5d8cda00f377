"""Numbers as people read them. English, Korean and Japanese group digits alike, so there is one way to write them."""

import math
from datetime import UTC, datetime
from decimal import Decimal
from typing import Final

_UNITS: Final = ("B", "kB", "MB", "GB", "TB", "PB", "EB")
_BIGGEST_PLAIN: Final = 1e15
"""From here on a float has no exact unit digit: scientific notation says so."""


def number_text(value: int | float | Decimal | str) -> str:
    """`1234567.5` as `1,234,567.5`. Floats keep two decimals, below one four significant digits; a str is returned."""
    if isinstance(value, str):
        return value
    if isinstance(value, Decimal):
        return f"{value:,f}"
    if isinstance(value, int):
        return f"{value:,}"
    return _float_text(value)


def _float_text(value: float) -> str:
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "∞" if value > 0 else "-∞"
    if abs(value) >= _BIGGEST_PLAIN:
        return f"{value:.6g}"
    if value.is_integer():
        return f"{int(value):,}"
    return f"{value:,.2f}" if abs(value) >= 1 else f"{value:.4g}"


def bytes_text(value: int | float) -> str:
    """Decimal units: `12.3 MB`."""
    amount = float(value)
    for unit in _UNITS[:-1]:
        if abs(amount) < 999.95:
            return f"{amount:.0f} {unit}" if unit == "B" else f"{amount:.1f} {unit}"
        amount /= 1000
    return f"{amount:,.1f} {_UNITS[-1]}"


def usd_text(value: float) -> str:
    """`$0.00` is free and only free: what costs less than a cent says `<$0.01`."""
    if 0 < value < 0.01:
        return "<$0.01"
    return f"${value:,.2f}"


def moment_text(unix_seconds: float) -> str:
    """`2026-01-05 09:00 UTC`: for whoever cannot be told it in their own zone."""
    return datetime.fromtimestamp(unix_seconds, UTC).strftime("%Y-%m-%d %H:%M UTC")
