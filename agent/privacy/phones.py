"""Phone numbers as people of our regions write them, judged by the numbering plans that `phonenumbers` carries."""

import re
from collections.abc import Iterator
from typing import Final

import phonenumbers
from phonenumbers import Leniency, NumberParseException, PhoneNumberMatcher

_REGIONS: Final = ("KR", "JP", "GB", "US")
_LOOKS_LIKE_ONE: Final = re.compile(r"\d[\d\s().+/-]{5,}\d")
"""Cheap: most messages hold nothing of the kind and are not searched further."""
_MOBILE: Final = re.compile(
    r"(?<![\w.+-])(?:(?P<KR>01[016789]\d{7,8})|(?P<JP>0[789]0\d{8})|(?P<GB>07\d{9}))(?![0-9A-Za-z_]|[.-]\d)"
)
"""Mobile numbers without a separator: an id rarely begins with a zero."""
_NAMED: Final = re.compile(
    r"(?:phone|mobile|\bcell\b|\btel\b|\bcall\b|전화|연락처|휴대폰|핸드폰|電話|携帯)[^\d\n+]{0,16}(?P<number>\+?\d{9,13})(?!\d)",
    re.IGNORECASE,
)


def phones_in(text: str) -> Iterator[tuple[int, int]]:
    """Start and end of each number, none of which goes over a line's end; they may overlap."""
    offset = 0
    for line in text.splitlines(keepends=True):
        if _LOOKS_LIKE_ONE.search(line):
            yield from ((offset + start, offset + end) for start, end in _phones_of(line))
        offset += len(line)


def _phones_of(text: str) -> Iterator[tuple[int, int]]:
    for found in _MOBILE.finditer(text):
        if found.lastgroup and _is_valid(found[0], found.lastgroup):
            yield found.span()
    for found in _NAMED.finditer(text):
        if any(_is_valid(found["number"], region) for region in _REGIONS):
            yield found.span("number")
    for region in _REGIONS:
        # An American number has no leading zero to be known by: only its own grouping tells it from other figures.
        leniency = Leniency.STRICT_GROUPING if region == "US" else Leniency.VALID
        for match in PhoneNumberMatcher(text, region, leniency=leniency, max_tries=1000):
            if _is_written_as_phone(match.raw_string, region) and _stands_alone(text, match.start, match.end):
                yield match.start, match.end


def _is_valid(number: str, region: str) -> bool:
    try:
        return phonenumbers.is_valid_number(phonenumbers.parse(number, region))
    except NumberParseException:
        return False


def _is_written_as_phone(raw: str, region: str) -> bool:
    """With a country code, or with separators and, outside of America, the leading zero."""
    if raw.startswith("+"):
        return True
    starts_right = region == "US" or raw.lstrip("(").startswith("0")
    return starts_right and not raw.isdigit()


def _stands_alone(text: str, start: int, end: int) -> bool:
    """Not a piece of a UUID, a table's name, a decimal or a longer chain of groups."""
    before, after = text[max(0, start - 1) : start], text[end : end + 2]
    return not re.search(r"[A-Za-z0-9_.\-]\Z", before) and not re.match(r"[A-Za-z0-9_]|[.\-]\d", after)
