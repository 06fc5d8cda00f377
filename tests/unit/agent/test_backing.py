"""Figures beside a result: the result's own stay, a model's own go with their sentence."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.backing import Backing
from agent.turn import Column, Table

MONTHS = Table(
    (Column("month", "STRING"), Column("orders", "INT64"), Column("revenue", "NUMERIC")),
    (("2025-01", 200, "5991.72"), ("2025-02", 300, "9000"), ("2025-03", 100, "3008.28")),
    3,
)
SQL = "SELECT month, orders, revenue FROM t WHERE EXTRACT(YEAR FROM created_at) = 2025 LIMIT 12"
MONTHLY = Backing(("Revenue by month in 2025?", SQL), MONTHS)


@pytest.mark.parametrize(
    "text",
    [
        "Revenue by month in 2025",
        "January 2025 had 200 orders",
        "2월 매출은 9,000달러입니다",
        "1月の売上は5,992ドルでした",
        "Revenue was 6.0k in 2025-01",
        "약 6천 달러",
        "There were 600 orders in all",  # the sum
        "200 on average",  # the mean
        "3 months",  # the count
        "the first 12 at most",  # the SQL's limit
        "100 more than in January",  # a difference
        "Half as many: 50%",  # 100 of 200
        "orders rose by 50% in February",  # from 200 to 300
        "3월은 2월보다 66.7% 감소",
        "3배 차이",
        "売上の50%が2月です",  # 9000 of 18000
        "One order was worth 29.96",  # revenue by order in January
        "2025-02 is 1st of all months",
    ],
)
def test_what_the_result_says_is_kept(text: str):
    assert MONTHLY.keep(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "There were 617 orders",
        "매출은 1억 2천만 원입니다",
        "売上は三千万円です",
        "It grew by 37%",
        "Revenue in 2023",
        "7th of all",
        "7.5x",
    ],
)
def test_what_it_does_not_say_is_not(text: str):
    assert MONTHLY.keep(text) == ""


def test_only_the_sentence_goes():
    assert MONTHLY.keep("Orders by month. There were 617 of them. February had 300.") == (
        "Orders by month. February had 300."
    )
    assert MONTHLY.keep("2월이 최고입니다. 617건이었습니다.") == "2월이 최고입니다."
    assert MONTHLY.keep("2月が最多です。617件でした。1月は200件です。") == "2月が最多です。1月は200件です。"


def test_of_a_result_that_is_cut_no_total_is_known():
    cut = Table(MONTHS.columns, MONTHS.rows, 900)
    assert Backing((), cut).keep("600 orders") == ""
    assert Backing((), cut).keep("900 rows") == "900 rows"


def test_a_cell_that_is_a_share_may_be_said_in_percent():
    shares = Table((Column("rate", "FLOAT64"),), ((0.1234,),), 1)
    assert Backing((), shares).keep("The rate is 12.3%") == "The rate is 12.3%"
    assert Backing((), shares).keep("The rate is 12.9%") == ""


def test_before_there_is_a_result_only_the_words_back_a_figure():
    waiting = Backing(("Orders in 2025?", "SELECT 1 LIMIT 7"))
    assert waiting.keep("Orders in 2025. 31 of them.") == "Orders in 2025."


def test_a_number_beyond_all_numbers_is_nobodys():
    assert MONTHLY.keep("9" * 400) == ""


def test_empty_results_and_odd_cells_break_nothing():
    odd = Table(
        (Column("a", "FLOAT64"), Column("b", "ARRAY<INT64>"), Column("c", "BOOL")),
        ((math.nan, [1, 2], True), (None, None, None), (math.inf, [], False)),
        3,
    )
    assert Backing((), odd).keep("2 and 3") == "2 and 3"
    assert Backing((), Table((Column("n", "INT64"),), (), 0)).keep("0 rows") == "0 rows"


numbers = st.lists(st.integers(1, 10**9), min_size=1, max_size=8)


@settings(max_examples=50)
@given(numbers)
def test_sum_mean_and_extremes_are_backed_however_they_are_rounded(cells: list[int]):
    table = Table((Column("n", "INT64"),), tuple((cell,) for cell in cells), len(cells))
    for value in (sum(cells), sum(cells) / len(cells), min(cells), max(cells), len(cells)):
        for spelled in (
            f"{value:,.2f}",
            f"{value:.0f}",
            f"{value / 1e6:.3f}M",
            f"{value / 1e4:.2f}만",
            f"{value:.1f}件",
        ):
            assert Backing((), table).holds(f"It is {spelled}")


@settings(max_examples=50)
@given(numbers, st.integers(10**12, 10**14))
def test_what_is_far_from_every_cell_is_not(cells: list[int], figure: int):
    table = Table((Column("n", "INT64"),), tuple((cell,) for cell in cells), len(cells))
    assert not Backing(("a question", "SELECT n FROM t"), table).holds(f"{figure:,}")
