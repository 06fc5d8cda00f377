"""The workspace's limits: what is refused, and who knocks though they were told to wait."""

import pytest

from bot.local.slack.limits import Limits, PerMinute
from bot.local.slack.shapes import SlackError
from tests.fakes.clock import FakeTime


def test_a_window_takes_so_many_in_any_minute() -> None:
    time = FakeTime()
    limits = Limits({"m": PerMinute(2)}, clock=time)
    limits.take("m", "C1")
    time.now += 50
    limits.take("m", "C2")
    with pytest.raises(SlackError) as refused:
        limits.take("m", "C3")
    assert refused.value.retry_after == 10
    time.now += 10
    limits.take("m", "C3")
    with pytest.raises(SlackError):
        limits.take("m", "C1")
