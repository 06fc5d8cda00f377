"""A chart in a message: Slack's own where it takes the data, else a picture; and always in words. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from agent.turn import Answer, Language, ShownAs
from bot.charts.chart import Chart, Series
from bot.charts.choice import choose_chart, kinds_for
from bot.i18n.catalogue import say
from bot.i18n.numbers import number_text
from bot.slack.action_ids import ActionId, block_id
from bot.slack.markup import MRKDWN
from bot.slack.messages.message import Block, context, fitted

LONGEST_TITLE: Final = 50
LONGEST_NAME: Final = 20
LONGEST_AXIS: Final = 50
MOST_POINTS: Final = 20
MOST_SERIES: Final = 12
MOST_SEGMENTS: Final = 12
"""Slack's limits of one data_visualization."""
_LONGEST_ALT: Final = 1000
_BIGGEST_WHOLE: Final = 2.0**53


@dataclass(frozen=True, slots=True)
class Picture:
    """A chart that Slack cannot draw, as a file of ours in Slack."""

    file_id: str
    chart: Chart


def add_chart(answer: Answer, picture: Picture | None, texts: list[str], blocks: list[Block]) -> None:
    """The chart of *answer*, or *picture* of it; nothing where there is none, or none yet."""
    if answer.table is None:
        return
    language, title = answer.language, title_of(answer)
    chart = picture.chart if picture is not None else choose_chart(answer.table, answer.shown_as)
    if chart is None:
        return
    words = chart_in_words(chart, title, language)
    block = picture_block(picture.file_id, words) if picture is not None else native_block(chart, title, language)
    if block is None:
        return
    texts.append(MRKDWN.text(words))
    blocks.append({**block, "block_id": block_id("chart", language)})
    caveat = _caveat(chart, answer.shown_as, language)
    if caveat:
        texts.append(caveat)
        blocks.append(context(caveat))


def native_block(chart: Chart, title: str, language: Language) -> Block | None:
    """None where Slack's own chart does not take this one."""
    drawing = _segments(chart) if chart.kind == "pie" else _axes(chart, language)
    if drawing is None:
        return None
    return {"type": "data_visualization", "title": fitted(title, LONGEST_TITLE), "chart": drawing}


def picture_block(file_id: str, words: str) -> Block:
    return {"type": "image", "slack_file": {"id": file_id}, "alt_text": words}


def chart_select(answer: Answer) -> Block | None:
    """The other forms that the result can be shown in, none among them."""
    chart = choose_chart(answer.table) if answer.table is not None else None
    kinds = kinds_for(chart) if chart is not None else ()
    if chart is None or not kinds:
        return None
    shown = answer.shown_as if answer.shown_as in (*kinds, "table") else chart.kind
    options = {kind: _option(kind, answer) for kind in (*kinds, "table")}
    select: Block = {
        "type": "static_select",
        "action_id": ActionId.CHART.value,
        "placeholder": {"type": "plain_text", "text": say(answer.language, "chart.change")},
        "options": list(options.values()),
    }
    return select | ({"initial_option": options[shown]} if shown in options else {})


def chart_in_words(chart: Chart, title: str, language: Language) -> str:
    """What is drawn and its ends: alt text, and the chart's part of the message's fallback."""
    kind = say(language, f"chart.kind.{chart.kind}")
    said = [say(language, "chart.alt", kind=kind, title=fitted(title, 300), count=len(chart.labels))]
    if len(chart.series) > 1:
        said.append(say(language, "chart.alt_series", names=", ".join(series.name for series in chart.series)))
    elif ends := _ends(chart):
        low, top = ends
        said.append(
            say(
                language,
                "chart.alt_ends",
                top_at=chart.labels[top[0]],
                top=number_text(top[1]),
                low_at=chart.labels[low[0]],
                low=number_text(low[1]),
            )
        )
    return fitted(" ".join(said), _LONGEST_ALT)


def _option(kind: ShownAs, answer: Answer) -> Block:
    text = {"type": "plain_text", "text": say(answer.language, f"chart.kind.{kind}")}
    return {"text": text, "value": kind}


def title_of(answer: Answer) -> str:
    """Of its chart."""
    return " ".join((answer.text or "").replace("**", "").split()) or say(answer.language, "answer.result")


def _caveat(chart: Chart, wished: ShownAs | None, language: Language) -> str:
    said: list[str] = []
    if wished is not None and wished not in ("table", chart.kind):
        said.append(say(language, "chart.not_as_wished", kind=say(language, f"chart.kind.{wished}")))
    if chart.left_out:
        drawn = len(chart.labels)
        said.append(say(language, "chart.largest", shown=drawn, total=drawn + chart.left_out))
    return " ".join(said)


def _segments(chart: Chart) -> dict[str, Any] | None:
    if not _are_names(chart.labels) or not 1 <= len(chart.labels) <= MOST_SEGMENTS:
        return None
    points = _points(chart.labels, chart.series[0])
    if points is None or any(point["value"] <= 0 for point in points):
        return None
    return {"type": "pie", "segments": points}


def _axes(chart: Chart, language: Language) -> dict[str, Any] | None:
    if chart.kind not in ("bar", "line", "area") or not _are_names(chart.labels):
        return None
    if not 1 <= len(chart.labels) <= MOST_POINTS or not 1 <= len(chart.series) <= MOST_SERIES:
        return None
    names = [_short(series.name) or say(language, "chart.value") for series in chart.series]
    points = [_points(chart.labels, series) for series in chart.series]
    if len(set(names)) != len(names) or any(one is None for one in points):
        return None
    axis: dict[str, Any] = {"categories": list(chart.labels)}
    if chart.axis.strip():
        axis["x_label"] = fitted(_plain(chart.axis), LONGEST_AXIS)
    if len(chart.series) == 1 and chart.series[0].name.strip():
        axis["y_label"] = fitted(_plain(chart.series[0].name), LONGEST_AXIS)
    series = [{"name": name, "data": data} for name, data in zip(names, points, strict=True)]
    return {"type": chart.kind, "series": series, "axis_config": axis}


def _points(labels: Sequence[str], series: Series) -> list[dict[str, Any]] | None:
    """None where a value is missing: Slack wants one for every label, and a zero would be a lie."""
    if any(value is None for value in series.values):
        return None
    return [
        {"label": label, "value": _number(value or 0.0)} for label, value in zip(labels, series.values, strict=True)
    ]


def _number(value: float) -> int | float:
    return int(value) if value.is_integer() and abs(value) <= _BIGGEST_WHOLE else value


def _are_names(labels: Sequence[str]) -> bool:
    return len(set(labels)) == len(labels) and all(1 <= len(label) <= LONGEST_NAME for label in labels)


def _short(name: str) -> str:
    plain = _plain(name)
    return plain if len(plain) <= LONGEST_NAME else plain[: LONGEST_NAME - 1] + "…"


def _plain(name: str) -> str:
    return " ".join(name.replace("_", " ").split())


def _ends(chart: Chart) -> tuple[tuple[int, float], tuple[int, float]] | None:
    """The places and values of the least and the largest."""
    known = [(at, value) for at, value in enumerate(chart.series[0].values) if value is not None]
    if not known:
        return None
    return min(known, key=lambda one: one[1]), max(known, key=lambda one: one[1])
