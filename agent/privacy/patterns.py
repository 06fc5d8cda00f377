"""What personal data and secrets look like: structured kinds only, each with the check its issuer defined.

A number alone is rarely enough: order ids, amounts, dates and versions must reach the model as they are. So a kind
needs a valid check digit, separators as people write them, or a word beside it that says what it is.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from stdnum import iban
from stdnum.kr import brn
from stdnum.us import ssn

from agent.privacy.checks import is_address, is_card, is_my_number, is_resident_number, passes
from agent.privacy.phones import phones_in
from agent.secret_shapes import LOGIN, NAMED_SECRET, SECRET


@dataclass(frozen=True, slots=True)
class Span:
    """Where a value of *kind* stands in a text."""

    kind: str
    start: int
    end: int


def _yes(found: re.Match[str]) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class _Pattern:
    kind: str
    regex: re.Pattern[str]
    """The group `value`, where there is one, is what is hidden; else all of the match."""
    is_one: Callable[[re.Match[str]], bool] = _yes

    def spans(self, text: str) -> Iterator[Span]:
        for found in self.regex.finditer(text):
            if self.is_one(found):
                yield Span(self.kind, *found.span("value" if "value" in self.regex.groupindex else 0))


_WORD_BEFORE: Final = r"(?<![A-Za-z0-9_])"
_WORD_AFTER: Final = r"(?![A-Za-z0-9_])"
_EMAIL: Final = re.compile(
    r"(?:(?<![A-Za-z0-9_])[A-Za-z0-9](?:[A-Za-z0-9_.%+-]|(?<=[A-Za-z])'(?=[A-Za-z])){0,63}|[^\W\d_A-Za-z]{1,30})@"
    r"(?:(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.){1,8}[A-Za-z]{2,24}"
    r"|(?:[^\W_][\w-]{0,62}\.){1,8}(?:[A-Za-z]{2,24}|[^\W\d_A-Za-z]{2,24}))"
)
"""Latin first: a Korean or Japanese particle that follows without a space is no part of the address."""
_CARD: Final = re.compile(
    r"(?<![\d.-])(?:\d{4}([ -]?)\d{4}\1\d{4}\1\d{4}(?:\1\d{3})?|\d{4}([ -])\d{6}\2\d{4,5}|\d{13,19})(?!\d|[.-]\d)"
)
_CUT: Final = re.compile(r"(?:[^\s'\"<>@]{1,64}@[^\s'\"<>@]{0,250}|\d(?:[ -]?\d){5,30})(?= \[…\])")
"""What is left of a value where a prompt's bounds cut the text."""
_PASSPORT: Final = re.compile(
    rf"(?:passport|여권|パスポート|旅券)[^\n]{{0,16}}?(?P<value>{_WORD_BEFORE}(?:[A-Z]{{1,2}}\d{{7,8}}|\d{{9}}|[A-Z]\d{{3}}[A-Z]\d{{4}}))"
    rf"{_WORD_AFTER}",
    re.IGNORECASE,
)
_ALONE: Final = r"(?<![\w.-])(?:{})(?![\d_A-Za-z]|[.-]\d)"

PATTERNS: Final = (
    _Pattern("SECRET", SECRET),
    _Pattern("SECRET", LOGIN),
    _Pattern("SECRET", NAMED_SECRET),
    _Pattern("EMAIL", _EMAIL),
    _Pattern(
        "IBAN",
        re.compile(r"(?<!\w)[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,4})?(?!\w)"),
        passes(iban.validate),
    ),
    _Pattern("CARD", _CARD, is_card),
    _Pattern("KR_RRN", re.compile(r"(?<![\dA-Za-z_.-])\d{6}[- ]?[1-8]\d{6}(?![\dA-Za-z_]|[.-]\d)"), is_resident_number),
    _Pattern("KR_BRN", re.compile(r"(?<![\d-])\d{3}-\d{2}-\d{5}(?![\d]|-\d)"), passes(brn.validate)),
    _Pattern(
        "JP_MY_NUMBER",
        re.compile(r"(?<![\dA-Za-z_.-])(?<!\d )\d{4}[ -]?\d{4}[ -]?\d{4}(?![\dA-Za-z_]|[ .-]\d)"),
        is_my_number,
    ),
    _Pattern("US_SSN", re.compile(r"(?<![\d-])\d{3}-\d{2}-\d{4}(?!\d|-\d)"), passes(ssn.validate)),
    _Pattern("PASSPORT", _PASSPORT),
    _Pattern("IP", re.compile(_ALONE.format(r"\d{1,3}(?:\.\d{1,3}){3}")), is_address),
    _Pattern("IP", re.compile(r"(?<![\w:.])(?:[0-9A-Fa-f]{1,4})?(?::{1,2}[0-9A-Fa-f]{1,4}){2,7}(?![\w:])"), is_address),
    _Pattern("CUT", _CUT),
)
"""In order: of two that overlap the earlier one counts."""

KINDS: Final = frozenset({pattern.kind for pattern in PATTERNS} | {"PHONE"})

_WIDE: Final = (
    {0xFF01 + offset: 0x21 + offset for offset in range(94)}
    | dict.fromkeys([0x2010, 0x2011, 0x2012, 0x2013, 0x2212], ord("-"))
    | dict.fromkeys([0xA0, 0x3000, 0x202F], ord(" "))
)
"""Full-width letters and digits, the dashes people type between digits, and odd spaces: one character for one."""
_LONG_VOWEL: Final = re.compile(r"(?<=\d)ー(?=\d)")
"""Typed for a dash by who leaves the kana keyboard on."""


def find_personal_data(text: str) -> list[Span]:
    """The values in *text*, in order of their place, none overlapping another."""
    plain = _LONG_VOWEL.sub("-", text.translate(_WIDE))
    spans: list[Span] = []
    for pattern in PATTERNS:
        _add(spans, pattern.spans(plain))
    _add(spans, (Span("PHONE", start, end) for start, end in phones_in(plain)))
    return sorted(spans, key=lambda span: span.start)


def _add(spans: list[Span], found: Iterator[Span]) -> None:
    spans.extend(new for new in found if all(new.end <= old.start or old.end <= new.start for old in spans))
