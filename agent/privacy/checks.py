"""What tells a number of its kind from any other: its issuer's check digit, its separators, a word beside it."""

import ipaddress
import re
from collections.abc import Callable
from typing import Final

from stdnum import luhn
from stdnum.exceptions import ValidationError
from stdnum.jp import in_ as my_number
from stdnum.kr import rrn


def passes(check: Callable[[str], object]) -> Callable[[re.Match[str]], bool]:
    """As *check* of python-stdnum says, which raises on what is not valid."""

    def passes(found: re.Match[str]) -> bool:
        try:
            check(found[0])
        except ValidationError:
            return False
        return True

    return passes


_NAMED_AS_ID: Final = re.compile(
    r"(?:order|invoice|product|session|event|item|sku|user|customer|account|transaction|tracking|shipment|row|주문|상품"
    r"|세션|회원|고객|注文|商品|会員|顧客)"
    r"\w{0,8}[ \t]*(?:id|no|number|num|번호|番号|#)?\.?[ \t]*[:=#`'\"]*[ \t]*\Z"
    r"|\b\w*_(?:id|no|key|number)[`\"']?[ \t]*(?:=|IN[ \t]*\(|:)?[ \t]*['\"]?\Z",
    re.IGNORECASE,
)
"""Right before an unbroken number: an identifier of the shop's own, whatever its last digit."""
_CARD_LENGTHS: Final = (
    (re.compile(r"4"), (13, 16, 19)),
    (re.compile(r"5[1-5]|222[1-9]|22[3-9]|2[3-6]|27[01]|2720"), (16,)),
    (re.compile(r"3[47]"), (15,)),
    (re.compile(r"6011|65|64[4-9]|35(?:2[89]|[3-8])|9[0-9]"), (16,)),
    (re.compile(r"62"), (16, 17, 18, 19)),
    (re.compile(r"30[0-5]|36|38"), (14,)),
)
"""Visa; Mastercard; American Express; Discover, JCB, Korean domestic; UnionPay; Diners Club."""


def is_card(found: re.Match[str]) -> bool:
    digits = re.sub(r"\D", "", found[0])
    lengths = (allowed for prefix, allowed in _CARD_LENGTHS if prefix.match(digits))
    if len(digits) not in next(lengths, ()) or not luhn.is_valid(digits):
        return False
    return digits != found[0] or not _NAMED_AS_ID.search(found.string[: found.start()][-40:])


def is_resident_number(found: re.Match[str]) -> bool:
    """Numbers given since October 2020 carry no check digit: with its hyphen the birthday is enough."""
    month, day = int(found[0][2:4]), int(found[0][4:6])
    if not (1 <= month <= 12 and 1 <= day <= 31):
        return False
    is_named = re.search(
        r"(?:주민|외국인|등록번호|resident|RRN)[^\d]{0,20}\Z", found.string[: found.start()], re.IGNORECASE
    )
    return "-" in found[0] or is_named is not None or rrn.is_valid(found[0])


def is_my_number(found: re.Match[str]) -> bool:
    years = re.fullmatch(r"(?:(?:19|20)\d\d[ -]?){3}", found[0])
    if years or not my_number.is_valid(found[0]):
        return False
    named = re.search(
        r"(?:マイナンバー|個人番号|my ?number)[^\d]{0,20}\Z", found.string[: found.start()], re.IGNORECASE
    )
    return not found[0].isdigit() or named is not None


def is_address(found: re.Match[str]) -> bool:
    """Four small numbers after the word "version" are a version."""
    if re.search(
        r"(?:\bv|\bver|version|release|버전|バージョン|版)[\s.:=]*['\"]?\Z",
        found.string[: found.start()],
        re.IGNORECASE,
    ):
        return False
    try:
        ipaddress.ip_address(found[0])
    except ValueError:
        return False
    return True
