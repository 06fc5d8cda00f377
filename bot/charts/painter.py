"""Draws one chart: a program of its own, JSON in, PNG out, in one house style. Started by `pictures.py`.

A process, because a plotting library takes the interpreter for itself while it draws, and keeps a hundred megabytes
for good; of ours it imports its style only, so that it starts at once. The card is opaque: it reads alike on light
and on dark.
"""

import json
import math
import sys
import warnings
from collections.abc import Sequence
from io import BytesIO
from typing import Any, Final

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.ticker import FuncFormatter

from bot.charts.house_style import (
    CARD,
    FAINT,
    INK,
    LONGEST_LABEL,
    add_legend,
    color,
    cut,
    draw_scale,
    name_axes,
    name_places,
    number,
    set_style,
    tick,
)

_MOST_MARKED: Final = 40
"""Points of a line that are marked one by one."""
_MOST_TOLD: Final = 12
"""Bars that carry their value."""
_LONG_LABEL: Final = 10
_HORIZONTAL_FROM: Final = 13


def draw(chart: dict[str, Any]) -> bytes:
    """The chart as `pictures.to_plain` writes it."""
    set_style()
    is_flat = chart["kind"] == "bar" and _is_better_flat(chart)
    height = max(4.5, 1.6 + 0.36 * len(chart["labels"]) * len(chart["series"]) ** 0.7) if is_flat else 4.5
    figure = Figure(
        figsize=(8, min(height, 14.0)), dpi=160, layout=ConstrainedLayoutEngine(w_pad=0.12, h_pad=0.1), facecolor=CARD
    )
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    match chart["kind"]:
        case "pie":
            _pie(axes, chart)
        case "scatter":
            _scatter(axes, chart)
        case "combined":
            _combined(axes, chart)
        case "bar" if is_flat:
            _flat_bars(axes, chart)
        case "bar":
            _bars(axes, chart)
        case _:
            _lines(axes, chart)
    figure.suptitle(cut(chart["title"], 70), x=0.02, ha="left", fontsize=13, fontweight="bold", color=INK)
    picture = BytesIO()
    figure.savefig(picture, format="png", facecolor=CARD)
    return picture.getvalue()


def _is_better_flat(chart: dict[str, Any]) -> bool:
    labels = chart["labels"]
    is_wide = max(len(label) for label in labels) > _LONG_LABEL and sum(len(label) for label in labels) > 60
    return not chart["is_time"] and (is_wide or len(labels) >= _HORIZONTAL_FROM)


def _flat_bars(axes: Axes, chart: dict[str, Any]) -> None:
    labels, series = chart["labels"], chart["series"]
    thick = 0.8 / len(series)
    for at, one in enumerate(series):
        places = [place + (at - (len(series) - 1) / 2) * thick for place in range(len(labels))]
        drawn = axes.barh(places, _or_nan(one["values"]), thick * 0.92, color=color(at), label=one["name"])
        if len(series) == 1:
            axes.bar_label(drawn, [number(v) for v in one["values"]], padding=4, color=FAINT, fontsize=9)
    axes.set_yticks(range(len(labels)), [cut(label, LONGEST_LABEL) for label in labels])
    axes.invert_yaxis()
    axes.grid(visible=False, axis="y")
    axes.grid(visible=True, axis="x")
    axes.xaxis.set_major_formatter(FuncFormatter(tick))
    axes.margins(x=0.12)
    name_axes(axes, series[0]["name"] if len(series) == 1 else "", "")
    add_legend(axes, series)


def _bars(axes: Axes, chart: dict[str, Any]) -> None:
    labels, series = chart["labels"], chart["series"]
    wide = 0.8 / len(series)
    for at, one in enumerate(series):
        places = [place + (at - (len(series) - 1) / 2) * wide for place in range(len(labels))]
        drawn = axes.bar(places, _or_nan(one["values"]), wide * 0.92, color=color(at), label=one["name"])
        if len(series) == 1 and len(labels) <= _MOST_TOLD:
            axes.bar_label(drawn, [number(v) for v in one["values"]], padding=3, color=FAINT, fontsize=9)
    name_places(axes, labels)
    draw_scale(axes, chart)


def _lines(axes: Axes, chart: dict[str, Any]) -> None:
    labels = chart["labels"]
    for at, one in enumerate(chart["series"]):
        values = _or_nan(one["values"])
        marker = "o" if len(labels) <= _MOST_MARKED else None
        axes.plot(
            range(len(labels)), values, color=color(at), linewidth=2, marker=marker, markersize=4, label=one["name"]
        )
        if chart["kind"] == "area":
            axes.fill_between(range(len(labels)), values, color=color(at), alpha=0.18, linewidth=0)
    low, high = axes.get_ylim()
    if low > 0 and (chart["kind"] == "area" or low < high / 2):
        axes.set_ylim(bottom=0)
    name_places(axes, labels)
    draw_scale(axes, chart)


def _combined(axes: Axes, chart: dict[str, Any]) -> None:
    labels, (bars, line) = chart["labels"], chart["series"]
    axes.bar(range(len(labels)), _or_nan(bars["values"]), 0.7, color=color(0), alpha=0.85)
    other = axes.twinx()
    other.plot(range(len(labels)), _or_nan(line["values"]), color=color(1), linewidth=2, marker="o", markersize=4)
    other.grid(visible=False)
    other.spines["left"].set_visible(False)
    other.yaxis.set_major_formatter(FuncFormatter(tick))
    axes.yaxis.set_major_formatter(FuncFormatter(tick))
    axes.set_ylabel(cut(bars["name"], 40), color=color(0))
    other.set_ylabel(cut(line["name"], 40), color="#b4490f")
    name_places(axes, labels)
    axes.set_xlabel(cut(chart["axis"], 40))


def _scatter(axes: Axes, chart: dict[str, Any]) -> None:
    across, up = chart["series"]
    axes.scatter(across["values"], up["values"], s=28, color=color(0), alpha=0.6, linewidths=0)
    axes.grid(visible=True, axis="both")
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter(FuncFormatter(tick))
    name_axes(axes, across["name"], up["name"])


def _pie(axes: Axes, chart: dict[str, Any]) -> None:
    values, total = chart["series"][0]["values"], sum(chart["series"][0]["values"])
    names = [
        f"{cut(label, 30)}  {100 * value / total:.1f} %" for label, value in zip(chart["labels"], values, strict=True)
    ]
    wedge = {"edgecolor": CARD, "linewidth": 2, "width": 0.45}
    axes.pie(
        values,
        labels=names,
        colors=[color(at) for at in range(len(values))],
        startangle=90,
        counterclock=False,
        wedgeprops=wedge,
    )


def _or_nan(values: Sequence[float | None]) -> list[float]:
    """A gap where there is no value."""
    return [math.nan if value is None else value for value in values]


if __name__ == "__main__":
    warnings.simplefilter("ignore")  # a glyph that no font has is drawn as a box
    sys.stdout.buffer.write(draw(json.load(sys.stdin)))
