"""Whole turns with an endpoint that misbehaves: the person is told, what was found is kept, and every loop ends."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest

from agent.errors import InvalidQuery
from agent.llm.model import Meter, Prompt, ShapeT
from agent.llm.openai import ATTEMPTS
from agent.turn import Action, Answer
from tests.fakes.endpoint import FAULTS, UNAVAILABLE, Endpoint, Respond, by_call, fails, says
from tests.fakes.model import FakeModel
from tests.unit.agent.desk import SQL, Desk, chat, drafted, routed

ERRORS = {"error.model", "error.model_refused", "error.model_unavailable", "error.model_unparsable"}


@asynccontextmanager
async def desk_at(endpoint: Endpoint, *, timeout_seconds: float = 60, **options: Any) -> AsyncGenerator[Desk]:
    desk = Desk(**options)
    async with endpoint.model(timeout_seconds=timeout_seconds) as model:
        desk.model = model  # type: ignore[assignment]
        yield desk


def codes(answer: Answer) -> list[str]:
    return [notice.code for notice in answer.notices]


def tokens(answer: Answer) -> int:
    return answer.usage.input_tokens + answer.usage.output_tokens


@pytest.mark.parametrize("fault", FAULTS)
async def test_a_model_that_fails_from_the_start_is_told_in_few_requests_and_nothing_runs(fault: str):
    endpoint = Endpoint(FAULTS[fault])
    async with desk_at(endpoint, timeout_seconds=0.3 if fault == "timeout" else 60) as desk:
        answer = await desk.ask("How many orders in 2025?")
    assert answer.route
    assert (answer.route.action, answer.route.fallback_used) == (Action.CHAT_REPLY, True)
    assert ERRORS & set(codes(answer))
    assert desk.runner.checked == desk.runner.ran == []
    assert answer.usage.calls <= 2 * ATTEMPTS


@pytest.mark.parametrize("fault", sorted(set(FAULTS) - {"timeout"}))
async def test_a_model_that_fails_while_it_mends_sql_leaves_the_draft_and_its_error(fault: str):
    endpoint = Endpoint(
        by_call(plan_turn_action=says(routed("sql_generate")), sql_generate=says(drafted()), sql_refine=FAULTS[fault])
    )
    async with desk_at(endpoint) as desk:
        desk.runner.decisions[SQL] = InvalidQuery("Unrecognized name: ordr")
        answer = await desk.ask("How many orders in 2025?")
    assert (answer.sql, desk.runner.ran) == (SQL, [])
    assert "error.invalid_query" in codes(answer)
    assert endpoint.calls.count("sql_refine") <= ATTEMPTS


async def test_a_result_stays_when_the_model_fails_behind_it_and_runs_once():
    replies = iter([says(chat("Let me look", tool="run_sql", sql=SQL))])

    async def reply(request: Any) -> Any:
        return await next(replies, fails(500))(request)

    endpoint = Endpoint(reply)
    async with desk_at(endpoint, intent_llm_enabled=False, chat_allow_execute_in_chat=True) as desk:
        answer = await desk.ask("orders?")
        again = await desk.ask("orders?", id=answer.turn_id)
    assert answer.table is not None
    assert codes(answer) == ["error.model_unavailable"]
    assert desk.runner.ran == [SQL]
    assert again == answer


async def test_a_retried_call_never_doubles_what_the_turn_does():
    failing_first: dict[str, list[Respond]] = {
        "plan_turn_action": [fails(500), says("{]"), says(routed("sql_generate"))],
        "sql_generate": [UNAVAILABLE["cut_connection"], says("{]"), says(drafted())],
    }

    async def respond(request: Any) -> Any:
        body = await request.json()
        return await failing_first[body["response_format"]["json_schema"]["name"]].pop(0)(request)

    endpoint = Endpoint(respond)
    async with desk_at(endpoint) as desk:
        answer = await desk.ask("How many orders in 2025?")
    assert answer.table is not None
    assert (desk.runner.ran, answer.usage.calls) == ([SQL], 6)
    assert [message["id"] for message in (await desk.state())["messages"]] == ["t1:person", "t1:bot"]


async def test_a_planner_that_always_wants_one_more_look_is_ended_by_its_bound():
    endpoint = Endpoint(says(chat("Looking", tool="describe_tables")))
    async with desk_at(endpoint, intent_llm_enabled=False, chat_planner_max_actions=3) as desk:
        answer = await desk.ask("orders?")
    assert answer.text == "Looking"
    assert len(endpoint.bodies) == 4


async def test_a_planner_without_a_bound_worth_the_name_is_ended_by_the_turns_budget():
    endpoint = Endpoint(says(chat("Looking", tool="check_sql", sql=SQL), usage=(900, 100)))
    async with desk_at(endpoint, intent_llm_enabled=False, chat_planner_max_actions=1000, turn_max_tokens=8000) as desk:
        answer = await desk.ask("orders?")
    assert tokens(answer) <= 8000
    assert codes(answer) == ["error.turn_budget"]
    assert (answer.text, answer.sql) == ("Looking", SQL)


async def test_sql_that_never_passes_is_ended_by_the_turns_budget_and_the_draft_is_kept():
    endpoint = Endpoint(
        by_call(
            plan_turn_action=says(routed("sql_generate"), usage=(900, 100)),
            sql_generate=says(drafted(), usage=(1900, 100)),
            sql_refine=says(drafted(), usage=(1900, 100)),
        )
    )
    async with desk_at(endpoint, sql_max_tries=1000, turn_max_tokens=12_000) as desk:
        desk.runner.decisions[SQL] = InvalidQuery("Unrecognized name: ordr")
        answer = await desk.ask("How many orders in 2025?")
    assert tokens(answer) <= 12_000
    assert {"error.turn_budget", "error.invalid_query"} <= set(codes(answer))
    assert (answer.sql, desk.runner.ran) == (SQL, [])


class NeverMends(FakeModel):
    """Says what it is told, but for a repair: that it thinks about for ever."""

    async def ask(self, prompt: Prompt, shape: type[ShapeT], meter: Meter) -> ShapeT:
        if prompt.name == "sql_refine":
            await asyncio.Event().wait()
        return await super().ask(prompt, shape, meter)


async def test_sql_that_a_slow_model_never_mends_is_ended_by_the_turns_time_and_the_draft_is_kept():
    desk = Desk(turn_max_seconds=0.0)
    desk.model = NeverMends().says("plan_turn_action", routed("sql_generate")).says("sql_generate", drafted())
    await desk.ask("warm up")  # what is read from disk at its first use does not take the next turn's time
    desk.options = replace(desk.options, turn_max_seconds=2.0)
    desk.runner.decisions[SQL] = InvalidQuery("Unrecognized name: ordr")
    answer = await desk.ask("How many orders in 2025?")
    assert {"error.turn_time", "error.invalid_query"} <= set(codes(answer))
    assert (answer.sql, desk.runner.ran) == (SQL, [])


async def test_a_turn_whose_time_is_up_before_it_began_is_told_and_asks_nobody():
    endpoint = Endpoint(says(chat()))
    async with desk_at(endpoint, turn_max_seconds=0.0) as desk:
        answer = await desk.ask("orders?")
    assert codes(answer) == ["error.turn_time"]
    assert endpoint.bodies == []


async def test_a_turn_that_goes_on_after_a_crash_has_no_new_budget():
    class Killed(BaseException):
        pass

    async def die(progress: Any) -> None:
        if progress.step == "run":
            raise Killed

    endpoint = Endpoint(
        by_call(
            plan_turn_action=says(routed("sql_generate"), usage=(900, 100)),
            sql_generate=says(drafted(), usage=(4000, 100)),
        )
    )
    async with desk_at(endpoint) as desk:
        desk.on_progress = die
        with pytest.raises(Killed):
            await desk.ask("How many orders?", id="A")
        desk.on_progress = desk.note
        answer = await desk.ask("How many orders?", id="A")
    assert tokens(answer) == 5100
    assert len(endpoint.bodies) == 2


async def test_a_budget_too_small_for_anything_is_told_and_asks_nobody():
    endpoint = Endpoint(says(chat()))
    async with desk_at(endpoint, turn_max_tokens=100) as desk:
        answer = await desk.ask("orders?")
    assert codes(answer) == ["error.turn_budget"]
    assert endpoint.bodies == []
