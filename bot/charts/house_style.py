"""How our charts look: colours, fonts, axes, labels and numbers. Imported in the painter's process only."""

import math
from collections.abc import Sequence
from typing import Any, Final

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.font_manager import fontManager
from matplotlib.ticker import FuncFormatter, MaxNLocator

from bot.charts.fonts import font_files

COLORS: Final = (
    "#1264a3", "#e8912d", "#2bac76", "#cd2553", "#7c3085", "#3aa3b5",
    "#b4490f", "#4a5fc1", "#8a8d3f", "#9e5a63", "#52606d", "#c29b0c",
)  # fmt: skip
INK, FAINT, GRID, CARD = "#1d1c1d", "#616061", "#e8e8e8", "#ffffff"
FAMILIES: Final = ("NanumGothic", "IPAexGothic", "DejaVu Sans")
_MOST_TICKS: Final = 12
LONGEST_LABEL: Final = 40


def set_style() -> None:
    for font in font_files():
        fontManager.addfont(font)
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


def name_places(axes: Axes, labels: Sequence[str]) -> None:
    """As many labels as can be read, always the first."""
    step = math.ceil(len(labels) / _MOST_TICKS)
    shown = range(0, len(labels), step)
    longest = max(len(labels[at]) for at in shown)
    is_turned = longest * len(shown) > 75
    texts = [cut(labels[at], LONGEST_LABEL // 2) for at in shown]
    axes.set_xticks(list(shown), texts, rotation=35 if is_turned else 0, ha="right" if is_turned else "center")


def draw_scale(axes: Axes, chart: dict[str, Any]) -> None:
    axes.yaxis.set_major_locator(MaxNLocator(6, steps=[1, 2, 2.5, 5, 10]))
    axes.yaxis.set_major_formatter(FuncFormatter(tick))
    series = chart["series"]
    name_axes(axes, chart["axis"], series[0]["name"] if len(series) == 1 else "")
    add_legend(axes, series)


def name_axes(axes: Axes, across: str, up: str) -> None:
    axes.set_xlabel(cut(across.replace("_", " "), 40))
    axes.set_ylabel(cut(up.replace("_", " "), 40))


def add_legend(axes: Axes, series: Sequence[dict[str, Any]]) -> None:
    if len(series) > 1:
        figure = axes.figure
        figure.legend(loc="outside lower center", ncols=min(5, len(series)), frameon=False, labelcolor=FAINT)


def color(at: int) -> str:
    return COLORS[at % len(COLORS)]


def number(value: float | None) -> str:
    """Short: it stands on an axis or on a bar."""
    if value is None or math.isnan(value):
        return ""
    for unit, size in (("T", 1e12), ("B", 1e9), ("M", 1e6)):
        if abs(value) >= size:
            return f"{value / size:,.4g}{unit}" if abs(value) < 1e16 else f"{value:.3g}"
    return f"{value:,.0f}" if float(value).is_integer() or abs(value) >= 1000 else f"{value:.4g}"


def tick(value: float, _position: float | None) -> str:
    return number(value)


def cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else text[: longest - 1] + "…"
