"""The figures that a sentence states, in the ways English, Korean and Japanese write them. Pure.

Read are digits of any width with their signs and scales (`1,234.5`, `12%`, `1.2M`, `3억 5,000만`, `12億3千万`, `三千`).
Numbers spelt out in English or Hangul letters are words here: they are rare beside a result, and often no number.
"""

import re
import unicodedata
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

Kind: TypeAlias = Literal["plain", "percent", "times", "rank"]

_DIGITS: Final = r"(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?"
_SMALL: Final = {"십": 10, "十": 10, "백": 100, "百": 100, "천": 1000, "千": 1000}
_BIG: Final = {"만": 10**4, "万": 10**4, "억": 10**8, "億": 10**8, "조": 10**12, "兆": 10**12}
_UNITS: Final = "".join([*_SMALL, *_BIG])
_KANJI: Final = {kanji: value for value, kanji in enumerate("〇一二三四五六七八九")}
_LATIN: Final = {
    **dict.fromkeys(("k", "thousand"), 10**3),
    **dict.fromkeys(("m", "mn", "million"), 10**6),
    **dict.fromkeys(("b", "bn", "billion"), 10**9),
    **dict.fromkeys(("t", "tn", "trillion"), 10**12),
}
_KINDS: Final[dict[Kind, str]] = {
    "percent": r"%|percent|퍼센트|프로(?![가-힣])|パーセント",
    "times": r"x(?![a-z])|times|-?fold|배|倍",
    "rank": r"st\b|nd\b|rd\b|th\b|위|번째|등(?![가-힣])|位|番目",
}
_SUFFIX: Final = "|".join(f"(?P<{kind}>{words})" for kind, words in _KINDS.items())
_FIGURE: Final = re.compile(
    rf"(?P<about>(?:about|around|approximately|approx\.?|roughly|nearly|almost|over|~|≈|약|대략|거의|約|およそ|ほぼ)\s*)?"
    rf"(?:(?<![\d.,])(?P<asian>(?:{_DIGITS}\s?[{_UNITS}]+\s?)+(?:{_DIGITS})?)(?![{_UNITS}])"
    rf"|(?<![〇一二三四五六七八九十百千万億兆])(?P<kanji>[一二三四五六七八九][〇一二三四五六七八九]*[十百千万億兆][〇一二三四五六七八九十百千万億兆]*)"
    rf"|(?<![\w.,])(?P<digits>{_DIGITS})(?:\s?(?P<latin>thousand|million|billion|trillion|mn|bn|tn|[kmbt])(?![a-z]))?)"
    rf"\s?(?:{_SUFFIX})?",
    re.IGNORECASE,
)
_MARKER: Final = re.compile(r"^[ \t]*\(?\d{1,2}[.)]\s+", re.MULTILINE)
_CURRENCY: Final = re.compile(r"(?<![A-Za-z])(?:US|USD|KRW|JPY|EUR|GBP)(?=\d)")
_LETTER_BEFORE: Final = re.compile(r"(?<=[^\W\d_])(?<![A-Za-z])(?=\d)")
"""Hangul, kana and kanji stand against a number without a space; `Q3` and `p95` are names."""


@dataclass(frozen=True, slots=True)
class Figure:
    value: float
    slack: float
    """How far off the true value may be: half of the last digit that is shown."""
    kind: Kind = "plain"


def figures_in(text: str) -> list[Figure]:
    """Every figure in *text*, in its order; the numbers of a list's lines are none."""
    plain = unicodedata.normalize("NFKC", text)
    plain = _MARKER.sub("", plain)
    plain = _LETTER_BEFORE.sub(" ", _CURRENCY.sub(lambda found: f"{found[0]} ", plain))
    return [_figure(found) for found in _FIGURE.finditer(plain)]


def _figure(found: re.Match[str]) -> Figure:
    if found["kanji"]:
        value, unit = _asian([(_KANJI.get(char), char) for char in found["kanji"]])
    elif found["asian"]:
        value, unit = _asian(_parts(found["asian"]))
    else:
        scale = _LATIN[found["latin"].lower()] if found["latin"] else 1
        value, unit = _number(found["digits"]) * scale, _last_digit(found["digits"]) * scale
    if found["about"]:
        unit = max(unit, _last_nonzero_digit(value))
    kinds: list[Kind] = [kind for kind in _KINDS if found[kind]]
    return Figure(value, unit / 2, *kinds)


def _parts(text: str) -> list[tuple[float | None, str]]:
    """Numbers and unit letters of `3억 5,000만`, in order: (3, "3"), (None, "억"), (5000, "5,000"), (None, "만")."""
    words: list[str] = re.findall(rf"{_DIGITS}|[{_UNITS}]", text)
    return [(_number(word) if word[0].isdigit() else None, word) for word in words]


def _asian(parts: list[tuple[float | None, str]]) -> tuple[float, float]:
    """The value, and the unit of its last digit."""
    total = section = 0.0
    current: float | None = None
    unit = 1.0
    for number, word in parts:
        if number is not None:
            current = number if current is None else current * 10 + number  # 二〇 has one digit after the other
            unit = _last_digit(word)
        elif word in _SMALL:
            section += (1 if current is None else current) * _SMALL[word]
            unit, current = unit * _SMALL[word], None
        else:
            total += (section + (current or 0) if section or current is not None else 1) * _BIG[word]
            unit, section, current = unit * _BIG[word], 0, None
    return total + section + (current or 0), unit


def _number(digits: str) -> float:
    return float(digits.replace(",", ""))


def _last_digit(digits: str) -> float:
    """What the last digit counts: 1 of `120`, 0.1 of `12.0`."""
    return 10.0 ** -len(digits.partition(".")[2])


def _last_nonzero_digit(value: float) -> float:
    """100 of 1200: as far as who says "about" has looked."""
    unit = 1.0
    while value and value % (unit * 10) == 0:
        unit *= 10
    return unit
