"""The kind of chart follows the data; what was asked for is taken where it can be drawn."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.turn import Cell, Column, ShownAs, Table
from bot.charts.chart import Chart
from bot.charts.choice import choose_chart, kinds_for


def table(columns: str, *rows: tuple[Cell, ...], total: int | None = None) -> Table:
    """*columns* is `name TYPE, name TYPE`."""
    named = tuple(Column(*column.split()) for column in columns.split(", "))
    return Table(named, rows, len(rows) if total is None else total)


def drawn(given: Table, wished: ShownAs | None = None) -> Chart:
    chart = choose_chart(given, wished)
    assert chart is not None
    return chart


DAYS = table("day DATE, orders INT64", *((f"2025-01-{day:02}", day) for day in range(1, 32)))
SHARES = table("device STRING, share FLOAT64", ("phone", 0.6), ("desk", 0.3), ("tablet", 0.1))


@pytest.mark.parametrize(
    "nothing",
    [
        table("orders INT64", (2442,)),
        table("orders INT64"),
        table("name STRING, email STRING", ("a", "b"), ("c", "d")),
        table("order_id INT64, status STRING", (1, "x"), (2, "y")),
        table("country STRING, orders INT64", ("Korea", 5)),
        table("day DATE, orders INT64", ("2025-01-01", 1), ("2025-01-01", 2)),
        table("nothing INT64, orders INT64", (None, 1), (None, 2)),
        table("raw JSON, tags ARRAY<STRING>", ('{"a": 1}', ["x"]), ('{"a": 2}', ["y"])),
    ],
)
def test_what_a_chart_would_not_say_better_has_none(nothing: Table) -> None:
    assert choose_chart(nothing) is None


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        (("2025-01-01", "2025-01-02", "2025-01-03"), "DATE"),
        (("2025-01-01T00:00:00Z", "2025-01-02T00:00:00Z", "2025-01-03T00:00:00Z"), "TIMESTAMP"),
        (("2025-01", "2025-02", "2025-03"), "STRING"),
        (("20250101", "20250102", "20250103"), "STRING"),
        (("2025-Q1", "2025-Q2", "2025-Q3"), "STRING"),
    ],
)
def test_time_makes_a_line_in_the_order_of_time(values: tuple[str, ...], kind: str) -> None:
    rows = [(value, number) for number, value in enumerate(values)]
    chart = drawn(table(f"at {kind}, n INT64", *reversed(rows)))
    assert (chart.kind, chart.is_time, chart.series[0].values) == ("line", True, (0.0, 1.0, 2.0))


def test_numbers_that_happen_to_rise_evenly_are_still_measured() -> None:
    given = table("day DATE, who STRING, n INT64", *((f"2025-01-0{day}", "x", day) for day in range(1, 6)))
    assert (drawn(given).kind, drawn(given).series[0].name) == ("line", "n")
    assert drawn(table("c STRING, n INT64", ("a", 1), ("b", 2), ("c", 3))).kind == "bar"


def test_years_as_numbers_are_time() -> None:
    assert drawn(table("year INT64, n INT64", (2023, 9), (2024, 8), (2025, 7))).kind == "line"


def test_a_midnight_is_a_day_and_digits_are_a_date() -> None:
    assert drawn(table("d TIMESTAMP, n INT64", ("2025-01-01T00:00:00Z", 1), ("2025-01-02T00:00:00Z", 2))).labels == (
        "2025-01-01",
        "2025-01-02",
    )
    assert drawn(table("d STRING, n INT64", ("20250101", 1), ("20250102", 2))).labels == ("2025-01-01", "2025-01-02")


def test_parts_that_come_to_one_whole_are_a_pie_and_no_other_are() -> None:
    assert drawn(SHARES).kind == "pie"
    assert drawn(table("device STRING, n INT64", ("phone", 6), ("desk", 3), ("tablet", 1))).kind == "bar"
    assert drawn(table("device STRING, rate FLOAT64", ("phone", 0.6), ("desk", 0.9))).kind == "bar"


def test_two_measures_of_another_size_are_bars_with_a_line() -> None:
    given = table("month STRING, revenue FLOAT64, orders INT64", *((f"2025-{m:02}", 9e5 + m, m) for m in range(1, 9)))
    assert drawn(given).kind == "combined"
    assert kinds_for(drawn(given)) == ()


def test_two_measures_of_one_size_share_an_axis() -> None:
    given = table("month STRING, web INT64, shop INT64", *((f"2025-{m:02}", 50 + m, 60 - m) for m in range(1, 9)))
    assert [series.name for series in drawn(given).series] == ["web", "shop"]


def test_two_measures_and_no_axis_are_a_scatter() -> None:
    points = [(float(n % 7), float(n * n % 11)) for n in range(30)]
    assert drawn(table("price FLOAT64, units FLOAT64", *points)).kind == "scatter"


def test_a_second_category_becomes_series_where_most_pairs_are_there() -> None:
    rows = [(c, s, 3) for c in ("x", "y", "z") for s in ("a", "b")]
    chart = drawn(table("c STRING, s STRING, n INT64", *rows[:-1]))
    assert chart.labels == ("x", "y", "z")
    assert [(series.name, series.values) for series in chart.series] == [("a", (3, 3, 3)), ("b", (3, 3, None))]


def test_of_many_categories_the_largest_are_drawn_in_their_order() -> None:
    chart = drawn(table("c STRING, n INT64", *((f"c{n}", n * 7 % 57) for n in range(57))))
    assert (len(chart.labels), chart.left_out) == (20, 37)
    assert min(value or 0 for value in chart.series[0].values) == 37
    assert list(chart.labels) == sorted(chart.labels, key=lambda label: int(label[1:]))


def test_a_long_list_is_drawn_by_what_it_is_ordered_by_and_else_as_points() -> None:
    rows = [(f"c{n}", 1000.0 - n, n * 7 % 31) for n in range(50)]
    columns = "c STRING, revenue FLOAT64, orders INT64"
    assert (drawn(table(columns, *rows)).kind, drawn(table(columns, *rows)).series[0].name) == ("bar", "revenue")
    shuffled = sorted(rows, key=lambda row: row[1] * 37 % 101)
    assert drawn(table(columns, *shuffled)).kind == "scatter"


def test_no_step_of_a_distribution_is_left_out() -> None:
    chart = drawn(table("age INT64, users INT64", *((age, age * 7 % 13) for age in range(18, 80))))
    assert (chart.kind, len(chart.labels), chart.left_out) == ("bar", 62, 0)


def test_rows_that_are_not_here_are_not_drawn_around() -> None:
    assert choose_chart(table("c STRING, n INT64", ("a", 2), ("b", 1), total=900)) is None


@pytest.mark.parametrize("wished", ["bar", "line", "area"])
def test_the_form_that_was_asked_for_is_taken(wished: ShownAs) -> None:
    assert drawn(DAYS, wished).kind == wished


def test_a_form_that_the_data_does_not_take_is_not_forced() -> None:
    assert drawn(table("c STRING, n INT64", ("a", -1), ("b", 2), ("c", 3)), "pie").kind == "bar"
    assert drawn(DAYS, "pie").kind == "line"
    assert choose_chart(DAYS, "table") is None


CELLS = (
    st.none()
    | st.booleans()
    | st.integers(-(10**30), 10**30)
    | st.floats()
    | st.text(max_size=30)
    | st.sampled_from(["2025-01-01", "2025-02", "NaN", "1e999", ""])
    | st.lists(st.integers(), max_size=2)
)
TYPES = st.sampled_from(["INT64", "FLOAT64", "NUMERIC", "STRING", "DATE", "BOOL", "ARRAY<INT64>"])


@st.composite
def tables(draw: st.DrawFn) -> Table:
    width = draw(st.integers(1, 5))
    columns = tuple(Column(draw(st.text(max_size=12)), draw(TYPES)) for _ in range(width))
    rows = tuple(draw(st.lists(st.tuples(*[CELLS] * width), max_size=30)))
    return Table(columns, rows, len(rows))


@settings(max_examples=80, deadline=None)
@given(tables(), st.sampled_from([None, "bar", "line", "area", "pie", "table"]))
def test_a_chart_of_anything_is_finite_and_has_a_value_for_each_label(any_table: Table, wished: ShownAs | None) -> None:
    chart = choose_chart(any_table, wished)
    if chart is None:
        return
    assert chart.series
    for series in chart.series:
        assert len(series.values) == len(chart.labels)
        assert all(value is None or math.isfinite(value) for value in series.values)
