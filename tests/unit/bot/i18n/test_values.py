"""Values as readers of each language write them."""

from decimal import Decimal

import pytest

from agent.turn import Language
from bot.i18n.values import long_date, measured_text, moment_cell


@pytest.mark.parametrize(
    ("language", "text"), [("en", "January 5, 2025"), ("ko", "2025년 1월 5일"), ("ja", "2025年1月5日")]
)
def test_a_day_alone_is_written_out(language: Language, text: str) -> None:
    assert long_date("2025-01-05", language) == text


@pytest.mark.parametrize("text", ["2025-13-45", "•••", "", "2025-01", "0000-00-00"])
def test_what_is_no_day_stays(text: str) -> None:
    assert long_date(text, "ko") == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("2025-01-05T00:00:00Z", "2025-01-05"),
        ("2025-01-05 00:00:00+00:00", "2025-01-05"),
        ("2025-01-05T09:05:00Z", "2025-01-05 09:05 UTC"),
        ("2025-01-05T09:05:07.5", "2025-01-05 09:05:07"),
        ("not a moment", "not a moment"),
    ],
)
def test_a_moment_is_as_short_as_it_can_be(text: str, shown: str) -> None:
    assert moment_cell(text) == shown


@pytest.mark.parametrize(
    ("value", "name", "text"),
    [
        (1234.5, "revenue_usd", "$1,234.50"),
        (-1234.5, "revenue_usd", "-$1,234.50"),
        (Decimal("1234567"), "krw_total", "₩1,234,567"),
        (99, "price_jpy", "¥99"),
        (12.5, "margin_pct", "12.50%"),
        (1e18, "revenue_usd", "1e+18"),
        (float("nan"), "margin_pct", "NaN"),
        (float("inf"), "cost_usd", "∞"),
        (float("nan"), "cost_usd", "NaN"),
        (7, "usdt", "7"),
    ],
)
def test_the_name_of_a_column_tells_its_unit(value: float | Decimal, name: str, text: str) -> None:
    assert measured_text(value, name) == text
