"""The chart of each of the thirty demo questions, reviewed by eye; `native` is what Slack draws, else a picture."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from agent.evals.golden import Golden, load_golden
from agent.turn import Cell, Column, Table
from bot.charts.choice import choose_chart
from bot.slack.messages.chart import native_block

REVIEWED: dict[int, tuple[str, str, int, tuple[str, ...], bool]] = {
    2: ("line", "month", 12, ("revenue",), True),
    3: ("bar", "name", 10, ("revenue",), False),
    4: ("bar", "category", 12, ("margin_pct",), True),
    5: ("bar", "category", 12, ("return_rate",), True),
    6: ("line", "quarter", 8, ("Display", "Email", "Facebook", "Organic", "Search"), True),
    8: ("bar", "country", 7, ("aov",), True),
    9: ("bar", "name", 6, ("avg_hours",), True),
    11: ("combined", "month", 12, ("revenue", "growth_pct"), False),
    12: ("bar", "country", 7, ("revenue",), False),
    14: ("bar", "", 4, ("",), True),
    15: ("bar", "browser", 4, ("conversion",), True),
    16: ("bar", "traffic_source", 5, ("revenue_per_customer",), True),
    17: ("bar", "product_category", 12, ("stock_value",), True),
    18: ("bar", "band", 7, ("users",), True),
    19: ("bar", "weekday", 7, ("revenue",), True),
    20: ("line", "months_later", 12, ("users",), True),
    22: ("bar", "user_id", 5, ("ltv",), True),
    24: ("combined", "day", 31, ("revenue", "running_total"), False),
    25: ("line", "event_date", 7, ("page_views",), True),
    26: ("bar", "device", 3, ("avg_seconds",), True),
    27: ("bar", "country", 7, ("revenue",), True),
    28: ("bar", "status", 5, ("F", "M"), True),
    29: ("bar", "cat_a", 10, ("times",), False),
    30: ("bar", "", 2, ("",), True),
}
"""Kind, axis, labels, series, native. The others are one number, or two that are not of one kind (13): no chart."""


GUIDE = Path(__file__).parents[4] / "bot" / "README.md"


def guide_line(golden: Golden) -> str:
    """The question's line in the guide."""
    if int(golden.id) not in REVIEWED:
        return f"| {golden.question} | none | | |"
    kind, axis, labels, series, native = REVIEWED[int(golden.id)]
    drawn_of = f"{', '.join(series)} over {axis}" if axis else "the columns side by side"
    return f"| {golden.question} | {kind} | {drawn_of}, {labels} points | {'Slack' if native else 'picture'} |"


def table_of(golden: Golden) -> Table:
    columns = tuple(Column(name, _type_of([row[at] for row in golden.rows])) for at, name in enumerate(golden.columns))
    return Table(columns, golden.rows, len(golden.rows))


def _type_of(values: Sequence[Cell]) -> str:
    present = [value for value in values if value is not None]
    if all(isinstance(value, int) for value in present):
        return "INT64"
    return "FLOAT64" if all(isinstance(value, int | float) for value in present) else "STRING"


@pytest.mark.parametrize("golden", load_golden("demo"), ids=lambda golden: str(golden.id))
def test_each_demo_question_gets_the_chart_that_was_reviewed(golden: Golden) -> None:
    chart = choose_chart(table_of(golden))
    if chart is None:
        assert int(golden.id) not in REVIEWED
        return
    native = native_block(chart, golden.question, "en") is not None
    names = tuple(series.name for series in chart.series)
    assert (chart.kind, chart.axis, len(chart.labels), names, native) == REVIEWED[int(golden.id)]


def test_the_guide_has_each_demo_question_with_its_chart() -> None:
    guide = GUIDE.read_text(encoding="utf-8")
    assert [golden.id for golden in load_golden("demo") if guide_line(golden) not in guide] == []
