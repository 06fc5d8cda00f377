"""What the watch takes for a call that runs too long."""

import time
from collections.abc import Iterator

import pytest

from agent.sql.googlesql.watch import CallWatch


@pytest.fixture
def watch() -> Iterator[CallWatch]:
    watch = CallWatch(lambda: None, memory_limit_bytes=1)
    yield watch
    watch.close()


def test_a_call_that_waits_for_its_turn_on_a_busy_machine_is_let_go_on(watch: CallWatch) -> None:
    with watch.watching(1.0, lambda: 0) as call:
        time.sleep(1.2)
        assert call.stopped is None


def test_a_call_that_computes_for_too_long_is_ended(watch: CallWatch) -> None:
    with watch.watching(0.05, lambda: 0) as call:
        while call.stopped is None:
            pass
    assert call.stopped == "deadline"


def test_a_call_that_never_gets_on_is_ended_too(watch: CallWatch) -> None:
    with watch.watching(0.01, lambda: 0) as call:
        while call.stopped is None:
            time.sleep(0.01)
    assert call.stopped == "deadline"
