import pytest

from agent.checked_once import FRESH_SECONDS, CheckedOnce
from agent.errors import InvalidQuery, WarehouseUnavailable
from agent.query_values import QueryRequest
from agent.turn import Actor, Audience
from tests.fakes.approvals import FakeApprovals
from tests.fakes.runner import FakeRunner

ASKED = QueryRequest("t1", "T:C:1", Actor("U1", "T"), Audience("channel", "C"), "orders?")


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


async def test_one_text_is_checked_once_and_run_through_the_door_all_the_same():
    door = FakeRunner(FakeApprovals())
    runner = CheckedOnce(door)
    assert await runner.check("A", ASKED) is await runner.check("A", ASKED)
    await runner.check("A ", ASKED)
    assert door.checked == ["A", "A "]
    await runner.run("A", ASKED)
    assert door.checked == ["A", "A ", "A"]


async def test_what_was_said_a_while_ago_is_asked_again():
    door, clock = FakeRunner(FakeApprovals()), Clock()
    runner = CheckedOnce(door, clock=clock)
    await runner.check("A", ASKED)
    clock.now = FRESH_SECONDS + 1
    await runner.check("A", ASKED)
    assert door.checked == ["A", "A"]


async def test_wrong_sql_stays_wrong_and_an_outage_does_not_last():
    door = FakeRunner(FakeApprovals())
    runner = CheckedOnce(door)
    door.decisions.update({"A": InvalidQuery("no"), "B": WarehouseUnavailable("503")})
    for sql, error in (("A", InvalidQuery), ("B", WarehouseUnavailable)):
        for _ in range(2):
            with pytest.raises(error):
                await runner.check(sql, ASKED)
    assert door.checked == ["A", "B", "B"]
