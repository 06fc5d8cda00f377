"""Values of a result as a reader of one language writes them: dates, moments, money, percentages."""

import re
from datetime import date
from decimal import Decimal
from typing import Final

from agent.turn import Language
from bot.i18n.numbers import number_text

_DATE: Final = re.compile(r"(\d{4})-(\d\d)-(\d\d)")
_MOMENT: Final = re.compile(r"(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d)(:\d\d)?(?:\.\d+)?(Z|\+00(?::00)?| UTC)?")
_MONTHS: Final = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
_SIGNS: Final = {"usd": "$", "eur": "€", "gbp": "£", "krw": "₩", "jpy": "¥"}
_WHOLE: Final = frozenset(["krw", "jpy"])
"""Currencies without cents."""
_CURRENCY: Final = re.compile(rf"(?:^|_)({'|'.join(_SIGNS)})(?:_|$)", re.IGNORECASE)
_PERCENT: Final = re.compile(r"(?:^|_)(?:pct|percent)(?:_|$)", re.IGNORECASE)
_BIGGEST_MONEY: Final = 1e15
"""From here on a float has no cents."""


def long_date(text: str, language: Language) -> str:
    """`2025-01-05` as people say it, where it stands alone; what is no date comes back as it is."""
    found = _DATE.fullmatch(text)
    if found is None:
        return text
    try:
        day = date(*map(int, found.groups()))
    except ValueError:
        return text
    match language:
        case "en":
            return f"{_MONTHS[day.month - 1]} {day.day}, {day.year}"
        case "ko":
            return f"{day.year}년 {day.month}월 {day.day}일"
        case "ja":
            return f"{day.year}年{day.month}月{day.day}日"


def moment_cell(text: str) -> str:
    """BigQuery's TIMESTAMP and DATETIME, shorter: a midnight is its day, whole minutes have no seconds.

    ISO order stays, which people of all three languages read and Slack's sorting by text needs.
    """
    found = _MOMENT.fullmatch(text)
    if found is None:
        return text
    day, minutes, seconds, zone = found.groups()
    seconds = "" if seconds in (None, ":00") else seconds
    if minutes == "00:00" and not seconds:
        return day
    return f"{day} {minutes}{seconds}{' UTC' if zone else ''}"


def measured_text(value: int | float | Decimal, name: str) -> str:
    """A number with the unit that its column's *name* tells: `revenue_usd`, `margin_pct`."""
    currency = _CURRENCY.search(name)
    if currency is not None and abs(value) < _BIGGEST_MONEY:
        code = currency[1].lower()
        digits = 0 if code in _WHOLE else 2
        return f"{'-' if value < 0 else ''}{_SIGNS[code]}{abs(value):,.{digits}f}"
    text = number_text(value)
    return f"{text}%" if _PERCENT.search(name) and text[-1].isdigit() else text
