"""When trouble counts, and when it is over."""

import pytest

from bot.outages.conditions import Condition, Patience


def walk(condition: Condition, looks: list[tuple[float, bool]]) -> list[tuple[float, str, float]]:
    """What changed, from when on, and when it was known, as (second, bad or not) looks went by."""
    changes = ((at, condition.look(is_bad=is_bad, at=at)) for at, is_bad in looks)
    return [(at - change.seconds_ago, change.kind, at) for at, change in changes if change is not None]


@pytest.mark.parametrize(
    ("looks", "changes"),
    [
        ([(0, True), (5, True), (10, False), (15, True), (20, True)], []),  # a hiccup
        ([(0, True), (5, True), (15, True), (20, True)], [(0, "degraded", 15)]),
        (
            [(0, True), (15, True), (20, False), (25, True), (30, False), (40, False), (50, False)],
            [(0, "degraded", 15), (30, "recovered", 50)],  # a moment's peace in between is none
        ),
    ],
)
def test_trouble_and_peace_count_when_they_last(looks: list[tuple[float, bool]], changes: list[object]) -> None:
    assert walk(Condition(Patience(bad=15, good=20)), looks) == changes


def test_without_patience_the_first_look_counts() -> None:
    looks = [(0.0, True), (1.0, True), (2.0, False), (3.0, True)]
    changes = walk(Condition(Patience(bad=0, good=0)), looks)
    assert changes == [
        (0, "degraded", 0),
        (2, "recovered", 2),
        (3, "degraded", 3),
    ]
