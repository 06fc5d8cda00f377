"""SQL that does not work: mended with the engine's own words, BigQuery asked last, and given up honestly."""

import pytest

from agent.turn import DecisionWord, Language, Progress, Step
from bot.i18n.catalogue import say_notice
from tests.roads_bench import ALL_NEED_APPROVAL, Bench, codes
from tests.unit.agent.desk import chat, drafted, routed

pytestmark = pytest.mark.asyncio(loop_scope="session")

ORDERS = "SELECT COUNT(*) AS n FROM shop.orders"
MISNAMED = "SELECT stauts FROM shop.orders"
NO_TABLE = "SELECT COUNT(*) FROM shop.order"
UNREADABLE = "SELECT COUNT(* FROM shop.orders"
# The engine takes it: BigQuery alone refuses two result columns of one name.
REFUSED = "SELECT status, status FROM shop.orders"


async def test_a_plain_question_costs_two_dry_runs_and_one_job(bench: Bench):
    talk = bench.talk(plan_turn_action=[routed("sql_generate")], sql_generate=[drafted(f"{ORDERS};\n")])
    answer = await talk.ask("How many orders are there?")
    assert answer.table is not None
    assert (talk.dry_runs, talk.ran) == ([ORDERS, ORDERS], [ORDERS])
    assert not [step for step in talk.steps if step.step is Step.WRITE_SQL and step.detail]


async def test_what_waits_for_approval_was_priced_once_and_is_checked_again_when_let_run(bench: Bench):
    talk = bench.talk(
        limits=ALL_NEED_APPROVAL,
        plan_turn_action=[routed("sql_generate"), routed("execution_approve")],
        sql_generate=[drafted(ORDERS)],
    )
    waiting = await talk.ask("How many orders are there?")
    assert (waiting.decision, talk.dry_runs.count(ORDERS), talk.ran) == (DecisionWord.APPROVAL_REQUIRED, 1, [])
    await talk.ask("yes, run it")
    assert (talk.dry_runs.count(ORDERS), talk.ran) == (2, [ORDERS])


@pytest.mark.parametrize(
    ("wrong", "error", "hint"),
    [
        (MISNAMED, "Unrecognized name: stauts", "did you mean status?"),
        (NO_TABLE, "Not found: Table shop.order", "There is: shop.orders"),
        (UNREADABLE, "Syntax error", ""),
        ("SELECT status, COUNT(*) FROM shop.orders", "neither grouped nor aggregated", ""),
    ],
)
async def test_what_the_engine_refuses_goes_back_without_bigquery(bench: Bench, wrong: str, error: str, hint: str):
    talk = bench.talk(
        plan_turn_action=[routed("sql_generate")], sql_generate=[drafted(wrong)], sql_refine=[drafted(ORDERS)]
    )
    answer = await talk.ask("How many orders are there?")
    assert answer.table is not None
    told = talk.asked("sql_refine")[0]
    assert error in told
    assert hint in told
    assert talk.dry_runs == [ORDERS, ORDERS]  # what was wrong never got there


async def test_what_only_bigquery_refuses_goes_back_with_its_words(bench: Bench):
    talk = bench.talk(
        plan_turn_action=[routed("sql_generate")], sql_generate=[drafted(REFUSED)], sql_refine=[drafted(ORDERS)]
    )
    assert (await talk.ask("Orders by status?")).table is not None
    assert "Duplicate column names" in talk.asked("sql_refine")[0]
    assert talk.dry_runs == [REFUSED, ORDERS, ORDERS]


async def test_each_further_try_is_shown_with_its_number(bench: Bench):
    talk = bench.talk(
        plan_turn_action=[routed("sql_generate")],
        sql_generate=[drafted(MISNAMED)],
        sql_refine=[drafted(UNREADABLE), drafted(ORDERS)],
    )
    await talk.ask("How many orders are there?")
    assert [step for step in talk.steps if step.step is Step.WRITE_SQL] == [
        Progress(Step.WRITE_SQL, "running"),
        Progress(Step.WRITE_SQL, "running", "2/3"),
        Progress(Step.WRITE_SQL, "running", "3/3"),
        Progress(Step.WRITE_SQL, "done", "3/3"),
    ]


@pytest.mark.parametrize(
    ("language", "question"),
    [("en", "Orders by state?"), ("ko", "상태별 주문 수는?"), ("ja", "ステータス別の注文数は")],
)
async def test_after_the_last_try_the_nearest_draft_is_shown_with_its_error(
    bench: Bench, language: Language, question: str
):
    talk = bench.talk(
        plan_turn_action=[routed("sql_generate")],
        sql_generate=[drafted(UNREADABLE)],
        sql_refine=[drafted(MISNAMED), drafted(UNREADABLE)],
    )
    answer = await talk.ask(question)
    assert (answer.language, answer.sql, answer.table, answer.error) == (language, MISNAMED, None, "InvalidQuery")
    assert codes(answer) == ["sql.gave_up", "error.invalid_query"]
    said = [say_notice(language, notice) for notice in answer.notices]
    assert "3" in said[0]
    assert "Unrecognized name: stauts" in said[1]
    assert (talk.dry_runs, talk.ran) == ([MISNAMED], [])  # its own words are BigQuery's


async def test_a_model_that_insists_is_heard_by_bigquery(bench: Bench):
    """The catalogue may be behind: then what it does not know is no error."""
    talk = bench.talk(
        plan_turn_action=[routed("sql_generate")], sql_generate=[drafted(NO_TABLE)], sql_refine=[drafted(NO_TABLE)] * 2
    )
    answer = await talk.ask("How many orders are there?")
    assert (answer.error, talk.dry_runs) == ("NotFound", [NO_TABLE])


@pytest.mark.parametrize(
    ("options", "calls"),
    [
        ({"sql_workflow_graph_enabled": False}, ["plan_turn_action", "sql_generate"]),
        ({"sql_max_tries": 1}, ["plan_turn_action", "sql_generate"]),
        ({"sql_max_tries": 2}, ["plan_turn_action", "sql_generate", "sql_refine"]),
    ],
)
async def test_there_are_as_many_tries_as_the_setting_says(bench: Bench, options: dict, calls: list[str]):
    talk = bench.talk(
        options=options,
        plan_turn_action=[routed("sql_generate")],
        sql_generate=[drafted(MISNAMED)],
        sql_refine=[drafted(MISNAMED)],
    )
    answer = await talk.ask("Orders by state?")
    assert talk.calls == calls
    assert answer.error == "InvalidQuery"
    assert ("sql.gave_up" in codes(answer)) == (len(calls) > 2)


async def test_a_failed_question_can_be_asked_again_in_other_words(bench: Bench):
    talk = bench.talk(
        options={"sql_max_tries": 1},
        plan_turn_action=[routed("sql_generate"), routed("sql_generate")],
        sql_generate=[drafted(MISNAMED), drafted(ORDERS)],
    )
    await talk.ask("Orders by state?")
    answer = await talk.ask("Then just how many?")
    assert (answer.sql, talk.ran) == (ORDERS, [ORDERS])
    assert "previous_sql=invalid" in talk.asked("plan_turn_action")[1]


async def test_pricing_and_running_in_chat_cost_one_advising_dry_run_and_the_doors(bench: Bench):
    talk = bench.talk(
        options={"intent_llm_enabled": False, "chat_allow_execute_in_chat": True},
        chat_reply=[chat("?", "check_sql", ORDERS), chat("?", "run_sql", ORDERS), chat("Here.")],
    )
    answer = await talk.ask("What would counting orders cost? Then count them.")
    assert answer.table is not None
    assert (talk.dry_runs, talk.ran) == ([ORDERS, ORDERS], [ORDERS])
