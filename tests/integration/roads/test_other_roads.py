"""Talk, tables, other people's SQL, approvals in words, and the switches: in conversations of two and three turns."""

import pytest

from agent.analyst import Savers
from agent.turn import Action, Answer, Approve, Cancel, DecisionWord
from tests.roads_bench import ALL_NEED_APPROVAL, Bench, codes
from tests.unit.agent.desk import chat, drafted, routed

pytestmark = pytest.mark.asyncio(loop_scope="session")

ORDERS = "SELECT COUNT(*) AS n FROM shop.orders"
USERS = "SELECT COUNT(*) AS n FROM shop.users"


def action_of(answer: Answer) -> Action:
    assert answer.route is not None
    return answer.route.action


@pytest.mark.parametrize(
    ("ask", "run"),
    [("How would I count orders?", "run it"), ("주문은 어떻게 세?", "실행해 줘"), ("注文の数え方は", "実行して")],
)
async def test_reference_sql_is_shown_and_runs_only_when_asked(bench: Bench, ask: str, run: str):
    talk = bench.talk(
        plan_turn_action=[routed("schema_lookup"), routed("sql_execute")],
        schema_lookup=[{"reply": "Like this.", "sql": ORDERS}],
    )
    shown = await talk.ask(ask)
    assert (action_of(shown), shown.sql, shown.table, talk.ran) == (Action.SCHEMA_LOOKUP, ORDERS, None, [])
    ran = await talk.ask(run)
    assert (action_of(ran), ran.sql, talk.ran) == (Action.SQL_EXECUTE, ORDERS, [ORDERS])
    assert ran.table is not None


async def test_sql_of_a_message_is_explained_and_then_run_and_then_another(bench: Bench, savers: Savers):
    talk = bench.talk(
        savers=savers,
        plan_turn_action=[routed("sql_validate_explain"), routed("sql_execute"), routed("sql_execute")],
        sql_validate_explain=[{"reply": "It counts orders."}],
    )
    explained = await talk.ask(f"Is this right?\n```sql\n{ORDERS}\n```")
    assert (explained.text, codes(explained), talk.ran) == ("It counts orders.", ["sql.valid"], [])
    assert explained.bill.bytes_estimated
    assert (await talk.ask("run it")).sql == ORDERS
    assert (await talk.ask(f"and run ```{USERS}```")).sql == USERS
    assert talk.ran == [ORDERS, USERS]
    assert [talk.dry_runs.count(sql) for sql in (ORDERS, USERS)] == [3, 2]


async def test_wrong_sql_is_explained_with_its_error_and_its_mended_version_runs(bench: Bench):
    talk = bench.talk(
        plan_turn_action=[routed("sql_validate_explain"), routed("sql_execute")],
        sql_validate_explain=[{"reply": "There is no column stauts."}],
    )
    wrong = await talk.ask("why does ```SELECT stauts FROM shop.orders``` fail?")
    assert (wrong.error, wrong.text) == ("InvalidQuery", "There is no column stauts.")
    assert "Unrecognized name: stauts" in talk.asked("sql_validate_explain")[0]
    right = await talk.ask("```SELECT status FROM shop.orders```")
    assert right.table is not None


@pytest.mark.parametrize("words", ["yes, run it", "응, 실행해 줘", "はい、実行して"])
async def test_a_yes_in_words_runs_what_waited_though_others_were_asked_meanwhile(
    bench: Bench, savers: Savers, words: str
):
    talk = bench.talk(
        savers=savers,
        limits=ALL_NEED_APPROVAL,
        plan_turn_action=[routed("sql_generate"), routed("chat_reply"), routed("execution_approve")],
        sql_generate=[drafted(ORDERS)],
        chat_reply=[chat("It counts all orders.")],
    )
    waiting = await talk.ask("How many orders are there?")
    assert waiting.decision is DecisionWord.APPROVAL_REQUIRED
    await talk.ask("what does it count?")
    assert talk.ran == []
    answer = await talk.ask(words)
    assert (answer.table is not None, answer.sql, talk.ran) == (True, ORDERS, [ORDERS])
    assert ["pending=yes" in told for told in talk.asked("plan_turn_action")] == [False, True, True]


@pytest.mark.parametrize("words", ["no, forget it", "아니, 취소해", "いいえ、やめて"])
async def test_a_no_in_words_cancels_and_a_later_yes_finds_nothing(bench: Bench, words: str):
    talk = bench.talk(
        limits=ALL_NEED_APPROVAL,
        plan_turn_action=[routed("sql_generate"), routed("execution_cancel"), routed("execution_approve")],
        sql_generate=[drafted(ORDERS)],
        chat_reply=[chat("Nothing is waiting.")],
    )
    waiting = await talk.ask("How many orders are there?")
    assert action_of(await talk.ask(words)) is Action.EXECUTION_CANCEL
    late = await talk.ask("yes")
    assert action_of(late) is Action.CHAT_REPLY  # to approve is not offered where nothing waits
    assert waiting.approval_id
    assert (await talk.ask("", preset=Approve(waiting.approval_id))).table is None
    assert talk.ran == []


async def test_buttons_need_no_model_in_any_turn(bench: Bench):
    talk = bench.talk(
        limits=ALL_NEED_APPROVAL, plan_turn_action=[routed("sql_generate")], sql_generate=[drafted(ORDERS)]
    )
    waiting = await talk.ask("How many orders are there?")
    assert waiting.approval_id
    calls = len(talk.calls)
    assert (await talk.ask("", preset=Approve(waiting.approval_id))).table is not None
    assert (await talk.ask("", preset=Cancel(waiting.approval_id))).table is None
    assert len(talk.calls) == calls
    assert talk.ran == [ORDERS]


@pytest.mark.parametrize("text", ["orders?", "주문은", "注文"])
async def test_an_unsure_road_talks_without_tools_and_the_next_turn_may_be_sure(bench: Bench, text: str):
    talk = bench.talk(
        plan_turn_action=[routed("sql_generate", 0.54), routed("sql_generate", 0.55)],
        chat_reply=[chat("Which orders do you mean?", "run_sql", ORDERS)],
        sql_generate=[drafted(ORDERS)],
        options={"chat_allow_execute_in_chat": True},
    )
    unsure = await talk.ask(text)
    assert (action_of(unsure), unsure.text) == (Action.CHAT_REPLY, "Which orders do you mean?")
    assert (talk.ran, talk.dry_runs) == ([], [])
    assert (await talk.ask("all of them, how many?")).table is not None


async def test_with_the_router_off_every_turn_chats_and_nothing_runs(bench: Bench):
    talk = bench.talk(
        options={"intent_llm_enabled": False},
        chat_reply=[chat("?", "describe_tables"), chat("Ask me."), chat("?", "run_sql", ORDERS)],
    )
    first = await talk.ask("How many orders are there?")
    second = await talk.ask("just run it")
    assert {action_of(first), action_of(second)} == {Action.CHAT_REPLY}
    assert "plan_turn_action" not in talk.calls
    assert "TABLE shop.orders" in talk.asked("chat_reply")[1]
    assert (talk.ran, second.table) == ([], None)


async def test_where_chat_may_run_a_query_its_result_can_be_followed_up(bench: Bench):
    talk = bench.talk(
        options={"intent_llm_enabled": False, "chat_allow_execute_in_chat": True},
        chat_reply=[chat("?", "run_sql", ORDERS), chat("Here."), chat("?", "run_sql", USERS), chat("And here.")],
    )
    assert (await talk.ask("count orders")).table is not None
    assert (await talk.ask("and users")).table is not None
    assert talk.ran == [ORDERS, USERS]
    assert ORDERS in talk.asked("chat_reply")[2]


async def test_where_chat_may_run_a_query_a_dear_one_still_does_not(bench: Bench):
    talk = bench.talk(
        limits=ALL_NEED_APPROVAL,
        options={"intent_llm_enabled": False, "chat_allow_execute_in_chat": True},
        chat_reply=[chat("?", "run_sql", ORDERS), chat("That would cost something.")],
    )
    answer = await talk.ask("count orders")
    assert (answer.text, answer.table, talk.ran) == ("That would cost something.", None, [])
