"""Every kind of chart is painted, in every script that answers come in."""

from collections.abc import Callable
from typing import Any

import pytest

from bot.charts.chart import Chart, Kind, Series
from bot.charts.pictures import to_plain

Draw = Callable[[dict[str, Any]], bytes]


@pytest.fixture(scope="module")
def draw(tmp_path_factory: pytest.TempPathFactory) -> Draw:
    with pytest.MonkeyPatch.context() as patch:  # where the library remembers fonts: not in the home of who tests
        patch.setenv("MPLCONFIGDIR", str(tmp_path_factory.mktemp("matplotlib")))
        from bot.charts.painter import draw

        return draw


KOREAN_AND_JAPANESE = (
    "서울특별시 강남구 역삼동 뷁",
    "東京都渋谷区 売上高の価格",
    "Zürich — €5 @here",
    "مرحبا <@U0ANA> $x$",
)


@pytest.mark.parametrize("kind", ["bar", "line", "area", "pie", "scatter", "combined"])
def test_every_kind_is_painted_and_no_glyph_is_missing(draw: Draw, kind: Kind) -> None:
    """A glyph that no font holds is a warning, and warnings are errors here."""
    series = (Series("매출 $5", (3.0, 1.0, 2.0, 4.0)),)
    if kind in ("scatter", "combined"):
        series = (*series, Series("価格", (0.1, 0.2, 0.3, 0.4)))
    picture = draw(to_plain(Chart(kind, KOREAN_AND_JAPANESE, series, "지역"), "지역별 売上高 by $place$"))
    assert picture.startswith(b"\x89PNG")


def test_what_no_font_holds_is_painted_as_a_box(draw: Draw) -> None:
    with pytest.warns(UserWarning, match="Glyph"):
        assert draw(to_plain(Chart("bar", ("👋", "b"), (Series("n", (1.0, 2.0)),), "c"), "t"))


@pytest.mark.parametrize(
    ("count", "value"), [(1, 0.0), (2, None), (365, -1e300), (2, 1e-300), (2, 12_345_678.9)], ids=str
)
def test_few_many_missing_huge_and_tiny_values_are_painted(draw: Draw, count: int, value: float | None) -> None:
    labels = tuple(f"2025-{number:03}" for number in range(count))
    chart = Chart("line", labels, (Series("n", (value,) * count),), "day", is_time=True)
    assert draw(to_plain(chart, "t" * 5000)).startswith(b"\x89PNG")
