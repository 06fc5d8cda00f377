"""Draws one chart: a program of its own, JSON in, PNG out, in one house style. Started by `pictures.py`.

A process, because a plotting library takes the interpreter for itself while it draws, and keeps a hundred megabytes
for good; it imports nothing of ours, so that it starts at once. The card is opaque: it reads alike on light and dark.
"""

import json
import math
import sys
import warnings
from collections.abc import Sequence
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path
from typing import Any, Final

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.font_manager import fontManager
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.ticker import FuncFormatter, MaxNLocator

COLORS: Final = (
    "#1264a3", "#e8912d", "#2bac76", "#cd2553", "#7c3085", "#3aa3b5",
    "#b4490f", "#4a5fc1", "#8a8d3f", "#9e5a63", "#52606d", "#c29b0c",
)  # fmt: skip
INK, FAINT, GRID, CARD = "#1d1c1d", "#616061", "#e8e8e8", "#ffffff"
FONTS: Final = (
    ("koreanize_matplotlib", "fonts/NanumGothic.ttf"),
    ("koreanize_matplotlib", "fonts/NanumGothicBold.ttf"),
    ("matplotlib_fontja", "fonts/ipaexg.ttf"),
)
"""Latin and Hangul, then kana and kanji; what neither has is taken from matplotlib's own font."""
FAMILIES: Final = ("NanumGothic", "IPAexGothic", "DejaVu Sans")
_MOST_TICKS: Final = 12
_MOST_MARKED: Final = 40
"""Points of a line that are marked one by one."""
_MOST_TOLD: Final = 12
"""Bars that carry their value."""
_LONG_LABEL: Final = 10
_LONGEST_LABEL: Final = 40
_HORIZONTAL_FROM: Final = 13


def draw(chart: dict[str, Any]) -> bytes:
    """The chart as `pictures.to_plain` writes it."""
    _style()
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
    figure.suptitle(_cut(chart["title"], 70), x=0.02, ha="left", fontsize=13, fontweight="bold", color=INK)
    picture = BytesIO()
    figure.savefig(picture, format="png", facecolor=CARD)
    return picture.getvalue()


def _style() -> None:
    for package, file in FONTS:
        spec = find_spec(package)  # finds the files; the package itself is never imported
        for folder in spec.submodule_search_locations or () if spec is not None else ():
            fontManager.addfont(Path(folder) / file)
    mpl.rcParams.update(
        {
            "font.family": list(FAMILIES),
            "font.size": 10,
            "axes.unicode_minus": False,
            "axes.edgecolor": GRID,
            "axes.labelcolor": FAINT,
            "axes.spines.top": False,
            "axes.spines.right": False,
            "axes.axisbelow": True,
            "axes.grid": True,
            "axes.grid.axis": "y",
            "grid.color": GRID,
            "xtick.color": FAINT,
            "ytick.color": FAINT,
            "xtick.major.size": 0,
            "ytick.major.size": 0,
            "text.parse_math": False,  # a dollar sign in the data is a dollar sign
        }
    )


def _is_better_flat(chart: dict[str, Any]) -> bool:
    labels = chart["labels"]
    is_wide = max(len(label) for label in labels) > _LONG_LABEL and sum(len(label) for label in labels) > 60
    return not chart["is_time"] and (is_wide or len(labels) >= _HORIZONTAL_FROM)


def _flat_bars(axes: Axes, chart: dict[str, Any]) -> None:
    labels, series = chart["labels"], chart["series"]
    thick = 0.8 / len(series)
    for at, one in enumerate(series):
        places = [place + (at - (len(series) - 1) / 2) * thick for place in range(len(labels))]
        drawn = axes.barh(places, _or_nan(one["values"]), thick * 0.92, color=_color(at), label=one["name"])
        if len(series) == 1:
            axes.bar_label(drawn, [_number(v) for v in one["values"]], padding=4, color=FAINT, fontsize=9)
    axes.set_yticks(range(len(labels)), [_cut(label, _LONGEST_LABEL) for label in labels])
    axes.invert_yaxis()
    axes.grid(visible=False, axis="y")
    axes.grid(visible=True, axis="x")
    axes.xaxis.set_major_formatter(FuncFormatter(_tick))
    axes.margins(x=0.12)
    _name(axes, series[0]["name"] if len(series) == 1 else "", "")
    _legend(axes, series)


def _bars(axes: Axes, chart: dict[str, Any]) -> None:
    labels, series = chart["labels"], chart["series"]
    wide = 0.8 / len(series)
    for at, one in enumerate(series):
        places = [place + (at - (len(series) - 1) / 2) * wide for place in range(len(labels))]
        drawn = axes.bar(places, _or_nan(one["values"]), wide * 0.92, color=_color(at), label=one["name"])
        if len(series) == 1 and len(labels) <= _MOST_TOLD:
            axes.bar_label(drawn, [_number(v) for v in one["values"]], padding=3, color=FAINT, fontsize=9)
    _places(axes, labels)
    _measure(axes, chart)


def _lines(axes: Axes, chart: dict[str, Any]) -> None:
    labels = chart["labels"]
    for at, one in enumerate(chart["series"]):
        values = _or_nan(one["values"])
        marker = "o" if len(labels) <= _MOST_MARKED else None
        axes.plot(
            range(len(labels)), values, color=_color(at), linewidth=2, marker=marker, markersize=4, label=one["name"]
        )
        if chart["kind"] == "area":
            axes.fill_between(range(len(labels)), values, color=_color(at), alpha=0.18, linewidth=0)
    low, high = axes.get_ylim()
    if low > 0 and (chart["kind"] == "area" or low < high / 2):
        axes.set_ylim(bottom=0)
    _places(axes, labels)
    _measure(axes, chart)


def _combined(axes: Axes, chart: dict[str, Any]) -> None:
    labels, (bars, line) = chart["labels"], chart["series"]
    axes.bar(range(len(labels)), _or_nan(bars["values"]), 0.7, color=_color(0), alpha=0.85)
    other = axes.twinx()
    other.plot(range(len(labels)), _or_nan(line["values"]), color=_color(1), linewidth=2, marker="o", markersize=4)
    other.grid(visible=False)
    other.spines["left"].set_visible(False)
    other.yaxis.set_major_formatter(FuncFormatter(_tick))
    axes.yaxis.set_major_formatter(FuncFormatter(_tick))
    axes.set_ylabel(_cut(bars["name"], 40), color=_color(0))
    other.set_ylabel(_cut(line["name"], 40), color="#b4490f")
    _places(axes, labels)
    axes.set_xlabel(_cut(chart["axis"], 40))


def _scatter(axes: Axes, chart: dict[str, Any]) -> None:
    across, up = chart["series"]
    axes.scatter(across["values"], up["values"], s=28, color=_color(0), alpha=0.6, linewidths=0)
    axes.grid(visible=True, axis="both")
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter(FuncFormatter(_tick))
    _name(axes, across["name"], up["name"])


def _pie(axes: Axes, chart: dict[str, Any]) -> None:
    values, total = chart["series"][0]["values"], sum(chart["series"][0]["values"])
    names = [
        f"{_cut(label, 30)}  {100 * value / total:.1f} %" for label, value in zip(chart["labels"], values, strict=True)
    ]
    wedge = {"edgecolor": CARD, "linewidth": 2, "width": 0.45}
    axes.pie(
        values,
        labels=names,
        colors=[_color(at) for at in range(len(values))],
        startangle=90,
        counterclock=False,
        wedgeprops=wedge,
    )


def _places(axes: Axes, labels: Sequence[str]) -> None:
    """As many labels as can be read, always the first."""
    step = math.ceil(len(labels) / _MOST_TICKS)
    shown = range(0, len(labels), step)
    longest = max(len(labels[at]) for at in shown)
    is_turned = longest * len(shown) > 75
    texts = [_cut(labels[at], _LONGEST_LABEL // 2) for at in shown]
    axes.set_xticks(list(shown), texts, rotation=35 if is_turned else 0, ha="right" if is_turned else "center")


def _measure(axes: Axes, chart: dict[str, Any]) -> None:
    axes.yaxis.set_major_locator(MaxNLocator(6, steps=[1, 2, 2.5, 5, 10]))
    axes.yaxis.set_major_formatter(FuncFormatter(_tick))
    series = chart["series"]
    _name(axes, chart["axis"], series[0]["name"] if len(series) == 1 else "")
    _legend(axes, series)


def _name(axes: Axes, across: str, up: str) -> None:
    axes.set_xlabel(_cut(across.replace("_", " "), 40))
    axes.set_ylabel(_cut(up.replace("_", " "), 40))


def _legend(axes: Axes, series: Sequence[dict[str, Any]]) -> None:
    if len(series) > 1:
        figure = axes.figure
        figure.legend(loc="outside lower center", ncols=min(5, len(series)), frameon=False, labelcolor=FAINT)


def _color(at: int) -> str:
    return COLORS[at % len(COLORS)]


def _or_nan(values: Sequence[float | None]) -> list[float]:
    """A gap where there is no value."""
    return [math.nan if value is None else value for value in values]


def _number(value: float | None) -> str:
    """Short: it stands on an axis or on a bar."""
    if value is None or math.isnan(value):
        return ""
    for unit, size in (("T", 1e12), ("B", 1e9), ("M", 1e6)):
        if abs(value) >= size:
            return f"{value / size:,.4g}{unit}" if abs(value) < 1e16 else f"{value:.3g}"
    return f"{value:,.0f}" if float(value).is_integer() or abs(value) >= 1000 else f"{value:.4g}"


def _tick(value: float, _position: float | None) -> str:
    return _number(value)


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else text[: longest - 1] + "…"


if __name__ == "__main__":
    warnings.simplefilter("ignore")  # a glyph that no font has is drawn as a box
    sys.stdout.buffer.write(draw(json.load(sys.stdin)))
