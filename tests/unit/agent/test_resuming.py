"""A turn that is delivered again: after a crash at every node, and after it was answered."""

import pytest

from agent.turn import RunSql, Step
from tests.unit.agent.desk import SQL, Desk, chat, drafted, routed


class Killed(BaseException):
    """The process ends here: nothing in the agent may catch it."""


def question_desk() -> Desk:
    desk = Desk()
    desk.model.says("plan_turn_action", routed("sql_generate"))
    desk.model.says("sql_generate", drafted(), drafted("SELECT 'another'"))
    return desk


async def kill_at(desk: Desk, step: Step, state: str, **ask: str) -> None:
    async def die(progress) -> None:
        if (progress.step, progress.state) == (step, state):
            raise Killed

    desk.on_progress = die
    with pytest.raises(Killed):
        await desk.ask("How many orders?", id="A", **ask)
    desk.on_progress = desk.note


async def test_a_turn_answered_before_is_given_again_and_nothing_runs():
    desk = question_desk()
    first = await desk.ask("How many orders?", id="A")
    again = await desk.ask("How many orders?", id="A")
    assert again == first
    assert desk.runner.ran == [SQL]
    assert len(desk.model.prompts) == 2


async def test_a_turn_that_was_not_for_us_is_not_judged_twice():
    desk = Desk()
    desk.model.says("classify_relevance", {"relevant": False})
    await desk.ask("lunch?", id="A", addressed=False)
    assert not (await desk.ask("lunch?", id="A", addressed=False)).is_for_us
    assert len(desk.model.prompts) == 1


@pytest.mark.parametrize(
    ("step", "state"),
    [
        (Step.UNDERSTAND, "running"),
        (Step.READ_SCHEMA, "running"),
        (Step.PRICE, "running"),
        (Step.RUN, "running"),
        (Step.RUN, "done"),
    ],
)
async def test_a_killed_turn_goes_on_where_it_stopped(step: Step, state: str):
    desk = question_desk()
    await kill_at(desk, step, state)
    asked_before = len(desk.model.asked("sql_generate"))
    answer = await desk.ask("How many orders?", id="A")
    assert answer.sql == SQL
    assert answer.table is not None
    if asked_before:  # the SQL that was priced is kept, and no model call is paid twice
        assert len(desk.model.asked("sql_generate")) == 1
        assert answer.usage.calls == 2
    messages = (await desk.state())["messages"]
    assert [message["id"] for message in messages] == ["A:person", "A:bot"]


async def test_another_turn_does_not_resume_what_was_left():
    desk = question_desk()
    await kill_at(desk, Step.RUN, "running")
    desk.model.says("plan_turn_action", routed("chat_reply")).says("chat_reply", chat("Hello"))
    answer = await desk.ask("hello", id="B")
    assert (answer.turn_id, answer.text, answer.sql, answer.decision) == ("B", "Hello", None, None)
    assert desk.runner.ran == []


async def test_a_turn_after_a_finished_one_starts_with_an_empty_sheet():
    desk = question_desk()
    await desk.ask("How many orders?", id="A")
    desk.model.says("plan_turn_action", routed("chat_reply")).says("chat_reply", chat("Bye"))
    answer = await desk.ask("thanks", id="B")
    assert (answer.table, answer.sql, answer.decision, answer.result_id) == (None, None, None, None)
    assert answer.usage.calls == 2


async def test_an_approval_decided_before_the_crash_still_runs():
    from agent.notice import Notice
    from agent.policy.decision import NeedApproval
    from agent.turn import Approve

    desk = Desk()
    desk.runner.decisions[SQL] = NeedApproval((Notice("approval.cost"),))
    waiting = await desk.ask("", preset=RunSql(SQL))
    assert waiting.approval_id
    # the crash came before the checkpoint
    await desk.approvals.decide(waiting.approval_id, "U1", approve=True, via="click")
    answer = await desk.ask("", id="click", preset=Approve(waiting.approval_id))
    assert answer.table is not None
