"""The figures that a sentence states, as three languages write them."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.figures import figures_in


def values(text: str) -> list[float]:
    return [figure.value for figure in figures_in(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Revenue was $1,234.50, up 12%", [1234.5, 12]),
        ("1.2M users, 45k orders, $1.5 billion", [1.2e6, 45e3, 1.5e9]),
        ("매출은 3억 5,000만 원, 주문은 1만 2천 건입니다", [350_000_000, 12_000]),
        ("5천만 원과 100만 명", [50_000_000, 1_000_000]),
        ("売上は12億3千万円、注文は三千二百件です", [1_230_000_000, 3200]),
        ("１２３万人が５件", [1_230_000, 5]),
        ("2025년 1월에 주문 1,234건", [2025, 1, 1234]),
        ("5조 2억", [5_000_200_000_000]),
        ("USD1,200", [1200]),
        ("Q3, p95 and utf8 are names", []),
        ("1. first\n2. second 30", [30]),
        ("no figure at all, 数字なし, 숫자 없음", []),
    ],
)
def test_the_ways_of_writing_a_figure(text: str, expected: list[float]):
    assert values(text) == expected


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("12.5%", "percent"),
        ("12.5 パーセント", "percent"),
        ("12.5퍼센트", "percent"),
        ("2.5x", "times"),
        ("2.5배", "times"),
        ("2.5倍", "times"),
        ("3rd", "rank"),
        ("3위", "rank"),
        ("3番目", "rank"),
        ("3 orders", "plain"),
    ],
)
def test_what_follows_a_figure_says_what_it_is(text: str, kind: str):
    assert [figure.kind for figure in figures_in(text)] == [kind]


@pytest.mark.parametrize(
    ("text", "slack"),
    [("12", 0.5), ("12.0", 0.05), ("12k", 500), ("1.2M", 50_000), ("1.2억", 5_000_000), ("3억 5,000만", 5_000)],
)
def test_a_figure_is_as_exact_as_its_last_digit(text: str, slack: float):
    assert figures_in(text)[0].slack == pytest.approx(slack)


@pytest.mark.parametrize("about", ["about ", "약 ", "約", "~"])
def test_about_is_as_exact_as_the_last_digit_that_is_not_zero(about: str):
    assert figures_in(f"{about}1,200")[0].slack == 50


@settings(max_examples=60)
@given(st.integers(0, 10**15))
def test_every_whole_number_is_read_as_python_writes_it(number: int):
    assert values(f"n={number:,}") == values(f"総計は{number}件") == values(f"{number}건입니다") == [float(number)]


@settings(max_examples=60)
@given(st.integers(1, 9999), st.integers(1, 9999))
def test_numbers_in_ten_thousands_are_read_in_both_scripts(high: int, low: int):
    assert values(f"{high}억 {low:,}만 원") == values(f"{high}億{low}万円") == [high * 1e8 + low * 1e4]


@pytest.mark.parametrize("piece", ["1", "1,", "1.", "一", "千", "1만", "~ ", "\n", "1 ", "1万1"])
def test_a_long_run_of_anything_is_read_to_its_end(piece: str):
    figures_in(piece * 20_000)  # what takes the square of its length would still be reading


@settings(max_examples=40)
@given(st.text(max_size=80))
def test_no_text_is_too_odd_to_be_read(text: str):
    assert all(figure.slack > 0 for figure in figures_in(text))
