"""Sizes, dollars and days as people type them after an option."""

import argparse
import re
from datetime import UTC, datetime, timedelta, tzinfo
from decimal import Decimal, InvalidOperation
from typing import Final

_UNITS: Final = {"": 1, "B": 1} | {
    prefix + suffix: base**power
    for power, prefix in enumerate("KMGTP", 1)
    for suffix, base in (("B", 1000), ("IB", 1024))
}
_SIZE: Final = re.compile(r"([0-9]+(?:\.[0-9]+)?)\s*([a-zA-Z]*)")
_AGO: Final = re.compile(r"([0-9]{1,5})d")


def size(text: str) -> int:
    """`100GB`, `1.5 TiB`, `1048576`: bytes, more than none."""
    found = _SIZE.fullmatch(text.strip())
    if not found or (unit := found[2].upper()) not in _UNITS:
        raise argparse.ArgumentTypeError(f"{text!r} is no size: write it like 500MB, 100GB or 1.5TiB")
    return _positive(int(Decimal(found[1]) * _UNITS[unit]), text)


def dollars(text: str) -> Decimal:
    try:
        amount = Decimal(text.strip().removeprefix("$"))
    except InvalidOperation:
        raise argparse.ArgumentTypeError(f"{text!r} is no amount of dollars: write it like 5 or 12.50") from None
    if not amount.is_finite() or amount <= 0:
        raise argparse.ArgumentTypeError(f"{text!r} is no amount of dollars: it has to be more than 0")
    return amount


def moment(text: str, zone: tzinfo = UTC, *, now: datetime | None = None) -> datetime:
    """`2026-01-31` (its midnight in *zone*), `2026-01-31T09:30`, `30d` (ago). Raises ValueError with a sentence."""
    if ago := _AGO.fullmatch(text.strip()):
        return (now or datetime.now(UTC)) - timedelta(days=int(ago[1]))
    try:
        at = datetime.fromisoformat(text.strip())
    except ValueError:
        raise ValueError(f"{text!r} is no day: write it like 2026-01-31 or 30d.") from None
    return at if at.tzinfo else at.replace(tzinfo=zone)


def _positive(amount: int, text: str) -> int:
    if amount <= 0:
        raise argparse.ArgumentTypeError(f"{text!r} is no size: it has to be more than 0")
    return amount
