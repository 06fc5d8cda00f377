"""A chart as plain values: what is drawn, natively or as a picture, is this."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

Kind: TypeAlias = Literal["bar", "line", "area", "pie", "scatter", "combined"]


@dataclass(frozen=True, slots=True)
class Series:
    """One line, one set of bars, or the segments of a pie."""

    name: str
    values: tuple[float | None, ...]
    """One for each label, finite; None where the result has no value."""


@dataclass(frozen=True, slots=True)
class Chart:
    """`combined` has bars for its first series and a line, on an axis of its own, for the second.

    `scatter` has two series: each point's place on the x axis, then on the y axis; its labels name the points.
    """

    kind: Kind
    labels: tuple[str, ...]
    series: tuple[Series, ...]
    axis: str
    """What the labels are."""
    is_time: bool = False
    """The labels are moments, in order."""
    left_out: int = 0
    """Labels of the result that are not drawn, because there are too many: those with the smallest values."""
