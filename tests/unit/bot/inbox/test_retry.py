"""Which failures are tried again."""

from datetime import timedelta

import pytest

from agent.errors import InvalidQuery, ModelUnavailable
from bot.inbox.retry import RetryPolicy

POLICY = RetryPolicy(jitter=lambda: 0.0)


def waits(error: Exception) -> list[float]:
    """The seconds between tries, until it gives up."""
    seconds: list[float] = []
    for failures in range(1, 20):
        delay = POLICY.delay_after(error, failures)
        if delay is None:
            break
        seconds.append(delay.total_seconds())
    return seconds


def test_an_outage_is_tried_five_times() -> None:
    assert waits(ModelUnavailable()) == [1, 5, 20, 60]


@pytest.mark.parametrize("error", [ConnectionResetError(), TimeoutError()])
def test_a_cut_connection_is_an_outage(error: Exception) -> None:
    assert waits(error) == [1, 5, 20, 60]


def test_an_error_that_says_it_is_final_is_not_tried_again() -> None:
    assert waits(InvalidQuery()) == []


def test_an_error_that_nobody_foresaw_is_tried_three_times() -> None:
    assert waits(KeyError("x")) == [1, 5]


def test_jitter_adds_up_to_a_fifth() -> None:
    assert RetryPolicy(jitter=lambda: 1.0).delay(2) == timedelta(seconds=6)


def test_past_the_schedule_the_last_step_repeats() -> None:
    assert POLICY.delay(99) == timedelta(seconds=60)
