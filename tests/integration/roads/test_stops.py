"""Stop in mid turn: what runs is cancelled where it runs, and what there was of it is shown and remembered."""

import asyncio

import pytest

from agent.analyst import Savers
from agent.turn import Action, Answer, Progress, Step, Turn
from tests.roads_bench import Bench, Talk, codes
from tests.unit.agent.desk import drafted, routed

pytestmark = pytest.mark.asyncio(loop_scope="session")

ORDERS = "SELECT COUNT(*) AS n FROM shop.orders"
MISNAMED = "SELECT stauts FROM shop.orders"
LONG = 60.0
"""Seconds that nobody waits: a test that is right is done long before."""


async def stopped(talk: Talk, turn: Turn, running: asyncio.Task[Answer]) -> Answer:
    """As the worker does it: the turn is cancelled, then what is left of it is asked for."""
    async with asyncio.timeout(LONG):
        running.cancel()
        await asyncio.wait([running])
        assert running.cancelled()
        return await talk.analyst.stop(turn)


async def test_a_model_call_ends_and_the_question_is_remembered(bench: Bench, savers: Savers):
    talk = bench.talk(savers=savers, plan_turn_action=[routed("sql_generate")] * 2, sql_generate=[drafted(ORDERS)] * 2)
    bench.model.hold()
    try:
        turn = talk.turn("How many orders?")
        running = asyncio.create_task(talk.answer(turn), name="turn")
        await bench.model.wait_for_requests(len(bench.model.requests) + 1)
        answer = await stopped(talk, turn, running)
    finally:
        bench.model.release()
    assert (codes(answer), answer.sql, answer.is_for_us) == (["turn.stopped"], None, True)
    assert await talk.answer(turn) == answer  # delivered again, it stays stopped
    await talk.ask("go on")
    assert "How many orders?" in talk.asked("plan_turn_action")[-1].partition("<message>")[0]


@pytest.mark.parametrize("words", ["run it", "실행해 줘", "実行して"])
async def test_a_draft_under_repair_is_shown_and_can_be_taken_up(bench: Bench, savers: Savers, words: str):
    talk = bench.talk(
        savers=savers,
        plan_turn_action=[routed("sql_generate"), routed("sql_execute")],
        sql_generate=[drafted(MISNAMED)],
        sql_refine=[drafted(ORDERS)],
    )
    turn, second_try = talk.turn("How many orders?"), asyncio.Event()

    async def wait_for_repair(progress: Progress) -> None:
        if progress == Progress(Step.WRITE_SQL, "running", "2/3"):
            second_try.set()
            await asyncio.sleep(LONG)

    running = asyncio.create_task(talk.answer(turn, wait_for_repair), name="turn")
    async with asyncio.timeout(LONG):
        await second_try.wait()
    answer = await stopped(talk, turn, running)
    assert (codes(answer), answer.sql, talk.ran) == (["turn.stopped", "turn.sql_so_far"], ORDERS, [])
    assert (await talk.ask(words)).table is not None
    assert talk.ran == [ORDERS]


async def test_a_running_job_is_cancelled_at_bigquery_and_its_sql_is_kept(bench: Bench, savers: Savers):
    talk = bench.talk(
        savers=savers, plan_turn_action=[routed("sql_generate"), routed("sql_execute")], sql_generate=[drafted(ORDERS)]
    )
    turn = talk.turn("How many orders?")
    bench.bigquery.delay_seconds = LONG
    try:
        running = asyncio.create_task(talk.answer(turn), name="turn")
        async with asyncio.timeout(LONG):
            while not talk.ran:  # noqa: ASYNC110  # the server has no word for it
                await asyncio.sleep(0.01)
        job = list(bench.bigquery.jobs.values())[-1]
        answer = await stopped(talk, turn, running)
        async with asyncio.timeout(LONG / 2):  # else it would have run to its end
            await job.done.wait()
    finally:
        bench.bigquery.delay_seconds = 0.0
    assert (job.error is not None, job.bytes_billed) == (True, 0)
    assert (codes(answer), answer.sql, answer.table) == (["turn.stopped", "turn.sql_so_far"], ORDERS, None)
    assert answer.route
    assert answer.route.action is Action.SQL_GENERATE
    again = await talk.ask("run it")
    assert (again.table is not None, talk.ran) == (True, [ORDERS, ORDERS])


async def test_a_stop_before_anything_was_kept_leaves_an_answer_and_a_second_stop_the_same(
    bench: Bench, savers: Savers
):
    talk = bench.talk(savers=savers)
    turn = talk.turn("How many orders?")
    answer = await talk.analyst.stop(turn)
    assert codes(answer) == ["turn.stopped"]
    assert await talk.analyst.stop(turn) == answer


async def test_a_turn_that_was_done_in_spite_of_the_stop_keeps_its_answer(bench: Bench, savers: Savers):
    talk = bench.talk(savers=savers, plan_turn_action=[routed("sql_generate")], sql_generate=[drafted(ORDERS)])
    turn = talk.turn("How many orders?")
    answer = await talk.answer(turn)
    assert await talk.analyst.stop(turn) == answer


async def test_talk_among_people_that_is_stopped_is_met_with_silence(bench: Bench, savers: Savers):
    talk = bench.talk(savers=savers, classify_relevance=[{"relevant": True}])
    turn = talk.turn("lunch?", addressed=False)
    bench.model.hold()
    try:
        running = asyncio.create_task(talk.answer(turn), name="turn")
        await bench.model.wait_for_requests(len(bench.model.requests) + 1)
        answer = await stopped(talk, turn, running)
    finally:
        bench.model.release()
    assert not answer.is_for_us
