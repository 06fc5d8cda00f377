"""A chart in a message: within Slack's limits, in words too, and never a word of the data that pings."""

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.turn import Answer, Cell, Column, Language, ShownAs, Table
from bot.charts.chart import Chart, Series
from bot.i18n.catalogue import LANGUAGES
from bot.slack.messages.answer import render_answer
from bot.slack.messages.chart import Picture, native_block
from tests.fakes.block_kit import check_message, every_mrkdwn

HOSTILE = "<!channel> <@U0ANA>"
MONTHS = Table(
    (Column("month", "STRING"), Column("revenue", "NUMERIC")),
    (("2025-01", "5991.72"), ("2025-02", "6459.21"), ("2025-03", "8306")),
    3,
)
DAYS = Table(
    (Column("day", "DATE"), Column("n", "INT64")), tuple((f"2025-01-{day:02}", day) for day in range(1, 32)), 31
)


def answer(table: Table, **fields: Any) -> Answer:
    return Answer(**{"turn_id": "t1", "language": "en", "route": None, "text": "Revenue", "table": table, **fields})


def rendered(given: Answer, picture: Picture | None = None) -> tuple[str, list[dict[str, Any]]]:
    message = render_answer(given, None, picture)
    check_message(message)
    json.dumps(message.blocks, allow_nan=False)
    return message.text, list(message.blocks)


def test_a_chart_stands_between_the_answer_and_its_table() -> None:
    text, blocks = rendered(answer(MONTHS, sql="SELECT 1"))
    assert [block["type"] for block in blocks] == [
        "section",
        "data_visualization",
        "data_table",
        "container",
        "actions",
        "context_actions",
    ]
    assert blocks[1] == {
        "type": "data_visualization",
        "block_id": "chart:en",
        "title": "Revenue",
        "chart": {
            "type": "line",
            "series": [
                {
                    "name": "revenue",
                    "data": [
                        {"label": "2025-01", "value": 5991.72},
                        {"label": "2025-02", "value": 6459.21},
                        {"label": "2025-03", "value": 8306},
                    ],
                }
            ],
            "axis_config": {"categories": ["2025-01", "2025-02", "2025-03"], "x_label": "month", "y_label": "revenue"},
        },
    }
    assert "Line chart: Revenue. 3 values. Highest: 2025-03, 8,306. Lowest: 2025-01, 5,991.72." in text


def test_the_select_offers_what_the_data_takes_and_says_what_is_shown() -> None:
    _, blocks = rendered(answer(MONTHS, sql="SELECT 1", shown_as="bar"))
    select = blocks[-2]["elements"][-1]
    assert [option["value"] for option in select["options"]] == ["bar", "line", "area", "pie", "table"]
    assert select["initial_option"]["value"] == "bar"
    assert blocks[1]["chart"]["type"] == "bar"


def test_a_table_alone_can_get_its_chart_back() -> None:
    _, blocks = rendered(answer(MONTHS, sql="SELECT 1", shown_as="table"))
    assert "data_visualization" not in [block["type"] for block in blocks]
    assert blocks[-2]["elements"][-1]["initial_option"]["value"] == "table"


def test_what_slack_cannot_draw_is_left_to_a_picture_with_the_same_words() -> None:
    _, without = rendered(answer(DAYS))
    assert [block["type"] for block in without] == ["section", "data_table", "context_actions"]
    picture = Picture("F0CHART123", Chart("line", ("a", "b"), (Series("n", (1.0, None)),), "day", is_time=True))
    text, blocks = rendered(answer(DAYS), picture)
    assert blocks[1]["slack_file"] == {"id": "F0CHART123"}
    assert blocks[1]["alt_text"] == "Line chart: Revenue. 2 values. Highest: a, 1. Lowest: a, 1."
    assert blocks[1]["alt_text"] in text


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_wish_that_cannot_be_drawn_is_said(language: Language) -> None:
    table = replace(MONTHS, rows=(("2025-01", "-1"), ("2025-02", "2"), ("2025-03", "3")))
    _, blocks = rendered(answer(table, shown_as="pie", language=language))
    assert [block["type"] for block in blocks[:3]] == ["section", "data_visualization", "context"]


@pytest.mark.parametrize(
    "chart",
    [
        Chart("bar", tuple(f"c{n}" for n in range(21)), (Series("n", (1.0,) * 21),), "c"),
        Chart("bar", ("a" * 21, "b"), (Series("n", (1.0, 2.0)),), "c"),
        Chart("line", ("a", "b"), (Series("n", (1.0, None)),), "c"),
        Chart("line", ("a", "b"), tuple(Series(f"s{n}", (1.0, 2.0)) for n in range(13)), "c"),
        Chart("line", ("a", "b"), (Series("x" * 20 + "1", (1.0, 2.0)), Series("x" * 20 + "2", (1.0, 2.0))), "c"),
        Chart("pie", ("a", "b"), (Series("n", (1.0, 0.0)),), "c"),
        Chart("scatter", ("", ""), (Series("x", (1.0, 2.0)), Series("y", (1.0, 2.0))), ""),
        Chart("combined", ("a", "b"), (Series("x", (1.0, 2.0)), Series("y", (1.0, 2.0))), "c"),
    ],
)
def test_what_is_beyond_slacks_limits_is_not_sent_to_slack_as_a_chart(chart: Chart) -> None:
    assert native_block(chart, "Title", "en") is None


LABELS = st.sampled_from(["2025-01", "2025-02-03", "Q", "مرحبا 👋", HOSTILE, "서울", "東京", " ", "", "x" * 25])
NUMBERS = st.none() | st.integers(-5, 10**20) | st.floats() | st.just("12.50")
FORMS = st.sampled_from([None, "bar", "line", "area", "pie", "table"])


@st.composite
def chartable(draw: st.DrawFn) -> Table:
    measures = draw(st.integers(1, 14))
    columns = (
        Column("label", "STRING"),
        *(Column(f"m{n}", draw(st.sampled_from(["INT64", "FLOAT64", "NUMERIC"]))) for n in range(measures)),
    )
    labels: list[Cell] = list(draw(st.lists(LABELS, unique=True, max_size=8)))
    rows = tuple((label, *(draw(NUMBERS) for _ in range(measures))) for label in labels)
    return Table(columns, rows, len(rows))


@settings(max_examples=60, deadline=None)
@given(chartable(), FORMS, st.sampled_from(LANGUAGES), st.text(max_size=80))
def test_no_chart_breaks_slacks_limits_or_pings(
    table: Table, form: ShownAs | None, language: Language, title: str
) -> None:
    given = answer(table, shown_as=form, language=language, text=title, sql="SELECT 1")
    rendered(given)
    for text in every_mrkdwn(render_answer(given)):
        assert "<!" not in text
        assert "<@" not in text
