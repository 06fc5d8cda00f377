"""kill -9 at every step of a turn: one answer in the thread, one job at BigQuery."""

import pytest

from tests.scenario.house import House
from tests.scenario.tripwire import Crossing

pytestmark = pytest.mark.asyncio(loop_scope="module")

QUESTION = "How many orders were placed in 2025?"
ANSWER = "2,442"
ONE_RUN = 10 << 20
"""Bytes: BigQuery bills ten megabytes for a small table."""

POINTS = [
    Crossing("slack users.info", "before"),
    Crossing("slack chat.postMessage", "before"),
    Crossing("slack chat.postMessage", "after"),
    Crossing("model plan_turn_action", "before"),
    Crossing("model plan_turn_action", "after"),
    Crossing("model sql_generate", "before"),
    Crossing("model sql_generate", "after"),
    Crossing("bigquery dry_run", "before"),
    Crossing("bigquery insert", "before"),
    Crossing("bigquery insert", "after"),
    Crossing("bigquery results", "after"),
    Crossing("slack chat.update", "after"),
]


@pytest.mark.parametrize("point", POINTS, ids=lambda point: f"{point.moment} {point.call}")
async def test_a_turn_killed_there_is_answered_once_and_billed_once(house: House, point: Crossing):
    jobs_before, bytes_before = len(house.billed_jobs), house.billed_bytes
    house.kill_at(point)
    ts = await house.ask(QUESTION)
    await house.sprung()
    await house.start_daemon()
    (answer,) = await house.answered(ts)
    assert ANSWER in answer["text"]
    assert len(house.billed_jobs) == jobs_before + 1
    assert house.billed_bytes == bytes_before + ONE_RUN


async def test_a_plan_that_a_kill_leaves_streaming_goes_with_the_next_attempt(house: House):
    house.bigquery.delay_seconds = 4.0  # long enough for a stream
    try:
        house.kill_at(Crossing("slack chat.startStream", "after"))
        ts = await house.ask(QUESTION)
        await house.sprung()
        assert len(house.workspace.plans("C0GENERAL", ts)) == 1
    finally:
        house.bigquery.delay_seconds = 0.0
    await house.start_daemon()
    (answer,) = await house.answered(ts)
    assert ANSWER in answer["text"]
    await house.until(lambda: not house.workspace.plans("C0GENERAL", ts))
