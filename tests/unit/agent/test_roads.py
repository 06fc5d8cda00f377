"""Every action's road through the graph, and what may run on it."""

import pytest

from agent.errors import InvalidQuery, ModelLoading, ModelUnavailable, ModelUnparsable, WarehouseUnavailable
from agent.notice import Notice
from agent.policy.decision import Deny, NeedApproval
from agent.turn import Action, Approve, Cancel, Column, DecisionWord, RunSql, Step, Table
from tests.unit.agent.desk import SQL, Desk, chat, drafted, routed

REASON = Notice("approval.cost", {"cost_usd": 5.0})


def codes(answer) -> list[str]:
    return [notice.code for notice in answer.notices]


async def test_a_question_is_written_checked_run_and_titled():
    desk = Desk()
    desk.model.says("plan_turn_action", routed("sql_generate")).says("sql_generate", drafted())
    answer = await desk.ask("How many orders were placed in 2025?")
    assert answer.route
    assert (answer.route.action, answer.route.fallback_used) == (Action.SQL_GENERATE, False)
    assert (answer.text, answer.sql, answer.decision) == ("Orders in 2025", SQL, DecisionWord.AUTO_EXECUTE)
    assert answer.table == Table((Column("n", "INT64"),), ((42,),), 1)
    assert (answer.bill.bytes_billed, answer.bill.cost_usd) == (1_048_576, 0.01)
    assert answer.tables_read == ("p.shop.orders",)
    assert answer.result_id == "result-1"
    assert answer.usage.calls == 2
    assert answer.error is None
    assert desk.runner.ran == [SQL]
    assert [step for step, state in desk.seen() if state == "done"] == [
        Step.UNDERSTAND,
        Step.READ_SCHEMA,
        Step.WRITE_SQL,
        Step.PRICE,
        Step.RUN,
    ]


async def test_the_prompt_carries_the_schema_and_the_language():
    desk = Desk()
    desk.model.says("plan_turn_action", routed("sql_generate")).says("sql_generate", drafted())
    await desk.ask("2025년 주문은 몇 건?")
    prompt = desk.model.asked("sql_generate")[0]
    assert "TABLE shop.orders" in prompt.system
    assert "Korean" in prompt.user


async def test_sql_that_does_not_analyse_goes_back_to_the_model():
    desk = Desk()
    desk.runner.decisions["SELECT oops FROM shop.orders"] = InvalidQuery("Unrecognized name: oops at [1:8]")
    desk.model.says("plan_turn_action", routed("sql_generate"))
    desk.model.says("sql_generate", drafted("SELECT oops FROM shop.orders")).says("sql_refine", drafted())
    answer = await desk.ask("orders?")
    repair = desk.model.asked("sql_refine")[0].user
    assert "Unrecognized name: oops" in repair
    assert "Columns of shop.orders: order_id, status" in repair
    assert (answer.sql, desk.runner.ran) == (SQL, [SQL])


async def test_sql_that_never_analyses_ends_in_its_error():
    desk = Desk()
    desk.runner.decisions.update({name: InvalidQuery(f"no {name}") for name in ("A", "B", "C")})
    desk.model.says("plan_turn_action", routed("sql_generate"))
    desk.model.says("sql_generate", drafted("A")).says("sql_refine", drafted("B"), drafted("C"))
    answer = await desk.ask("orders?")
    assert (answer.error, codes(answer), answer.sql) == (
        "InvalidQuery",
        ["sql.gave_up", "error.invalid_query"],
        "C",
    )
    assert answer.decision is None
    assert desk.runner.ran == []


async def test_without_the_workflow_there_is_one_try():
    desk = Desk(sql_workflow_graph_enabled=False)
    desk.runner.decisions["A"] = InvalidQuery("no")
    desk.model.says("plan_turn_action", routed("sql_generate")).says("sql_generate", drafted("A"))
    assert (await desk.ask("orders?")).error == "InvalidQuery"
    assert desk.model.asked("sql_refine") == []


async def test_a_refusal_by_policy_is_not_reworded_away():
    desk = Desk()
    desk.runner.decisions["DROP TABLE shop.orders"] = Deny((Notice("deny.not_a_read"),))
    desk.model.says("plan_turn_action", routed("sql_generate"))
    desk.model.says("sql_generate", drafted("DROP TABLE shop.orders"))
    answer = await desk.ask("drop the orders table")
    assert (answer.decision, codes(answer)) == (DecisionWord.BLOCKED, ["deny.not_a_read"])
    assert answer.text is None  # a title would sound as if it had been done
    assert desk.model.asked("sql_refine") == []
    assert desk.runner.ran == []


async def test_a_model_without_sql_is_not_quoted():
    desk = Desk()
    desk.model.says("plan_turn_action", routed("sql_generate"))
    desk.model.says("sql_generate", drafted("", "Orders table dropped"))
    answer = await desk.ask("drop the orders table")
    assert (answer.text, codes(answer), answer.sql) == (None, ["sql.cannot_answer"], None)
    assert desk.runner.checked == []


async def test_small_talk_runs_nothing():
    desk = Desk()
    desk.model.says("plan_turn_action", routed("chat_reply")).says("chat_reply", chat("Hello!"))
    answer = await desk.ask("hello")
    assert (answer.text, answer.sql, answer.table, answer.decision) == ("Hello!", None, None, None)
    assert desk.runner.checked == desk.runner.ran == []


async def test_schema_questions_are_explained_and_reference_sql_is_not_run():
    desk = Desk()
    desk.model.says("plan_turn_action", routed("schema_lookup"))
    desk.model.says("schema_lookup", {"reply": "orders has two columns", "sql": SQL})
    answer = await desk.ask("what is in orders?")
    assert (answer.text, answer.sql, answer.decision) == ("orders has two columns", SQL, None)
    assert desk.runner.ran == []


async def test_sql_in_a_message_is_priced_and_explained_not_run():
    desk = Desk()
    desk.model.says("plan_turn_action", routed("sql_validate_explain"))
    desk.model.says("sql_validate_explain", {"reply": "It counts orders."})
    answer = await desk.ask(f"explain\n```sql\n{SQL}\n```")
    assert (answer.text, answer.sql, codes(answer)) == ("It counts orders.", SQL, ["sql.valid"])
    assert answer.bill.bytes_estimated == 1_000_000
    assert desk.runner.ran == []


async def test_wrong_sql_is_explained_with_its_error():
    desk = Desk()
    desk.runner.decisions["SELECT x"] = InvalidQuery("Unrecognized name: x")
    desk.model.says("plan_turn_action", routed("sql_validate_explain"))
    desk.model.says("sql_validate_explain", {"reply": "x is not a column."})
    answer = await desk.ask("SELECT x")
    assert (answer.text, answer.error) == ("x is not a column.", "InvalidQuery")
    assert codes(answer) == ["error.invalid_query"]
    assert "Unrecognized name: x" in desk.model.asked("sql_validate_explain")[0].user


async def test_there_may_be_nothing_to_explain_or_to_run():
    desk = Desk()
    desk.model.says("plan_turn_action", routed("sql_generate"))
    desk.model.says("sql_generate", drafted("", "no"))
    assert codes(await desk.ask("", preset=RunSql(""))) == ["sql.none_to_run"]


async def test_a_button_needs_no_model():
    desk = Desk()
    answer = await desk.ask("", preset=RunSql(SQL))
    assert answer.route
    assert (answer.route.action, answer.route.confidence) == (Action.SQL_EXECUTE, 1.0)
    assert desk.runner.ran == [SQL]
    assert desk.model.prompts == []


async def test_run_it_means_the_previous_sql():
    desk = Desk()
    desk.model.says("plan_turn_action", routed("schema_lookup"), routed("sql_execute"))
    desk.model.says("schema_lookup", {"reply": "like this", "sql": SQL})
    await desk.ask("how would I count orders?")
    answer = await desk.ask("run it")
    assert desk.runner.ran == [SQL]
    assert answer.table is not None


async def test_the_block_in_the_message_comes_before_the_previous_sql():
    desk = Desk()
    desk.model.says("plan_turn_action", routed("sql_generate"), routed("sql_execute")).says("sql_generate", drafted())
    await desk.ask("orders?")
    await desk.ask("run\n```SELECT 2```")
    assert desk.runner.ran == [SQL, "SELECT 2"]


async def test_an_action_without_its_object_is_not_offered():
    desk = Desk()
    desk.model.says("plan_turn_action", routed("execution_approve")).says("chat_reply", chat("Approve what?"))
    answer = await desk.ask("approve")  # the fake breaks the schema it was given
    assert answer.route
    assert answer.route.action is Action.CHAT_REPLY


async def test_what_costs_too_much_waits_and_runs_once_approved():
    desk = Desk()
    desk.runner.decisions[SQL] = NeedApproval((REASON,))
    desk.model.says("plan_turn_action", routed("sql_generate"), routed("execution_approve"))
    desk.model.says("sql_generate", drafted())
    waiting = await desk.ask("all orders ever?")
    assert (waiting.decision, codes(waiting)) == (DecisionWord.APPROVAL_REQUIRED, ["approval.cost"])
    assert waiting.approval_id is not None
    assert waiting.bill.cost_usd == 0.5
    assert desk.runner.ran == []
    answer = await desk.ask("yes, go ahead")
    assert (answer.decision, codes(answer)) == (DecisionWord.AUTO_EXECUTE, ["approval.granted"])
    assert answer.table is not None
    assert answer.sql == SQL
    assert (desk.runner.ran, desk.runner.approved) == ([SQL], [waiting.approval_id])
    assert "pending=yes" in desk.model.asked("plan_turn_action")[1].user


async def waiting_desk() -> tuple[Desk, str]:
    desk = Desk()
    desk.runner.decisions[SQL] = NeedApproval((REASON,))
    waiting = await desk.ask("", preset=RunSql(SQL))
    assert waiting.approval_id is not None
    return desk, waiting.approval_id


async def test_a_button_approves_by_id():
    desk, approval_id = await waiting_desk()
    assert (await desk.ask("", preset=Approve(approval_id))).table is not None


async def test_cancelled_is_never_run():
    desk, approval_id = await waiting_desk()
    cancelled = await desk.ask("", preset=Cancel(approval_id))
    assert (cancelled.decision, codes(cancelled)) == (DecisionWord.BLOCKED, ["approval.cancelled"])
    late = await desk.ask("", preset=Approve(approval_id))
    assert codes(late) == ["approval.already_decided"]
    assert desk.runner.ran == []


async def test_another_conversations_approval_is_not_seen():
    desk, approval_id = await waiting_desk()
    answer = await desk.ask("", preset=Approve(approval_id), conversation="T:C:2")
    assert codes(answer) == ["approval.unknown"]
    assert desk.runner.ran == []


async def test_the_second_person_hears_who_was_first():
    desk, approval_id = await waiting_desk()
    await desk.ask("", preset=Approve(approval_id))
    other = await desk.ask("", preset=Cancel(approval_id))
    assert [(notice.code, notice.params["by"]) for notice in other.notices] == [("approval.already_decided", "U1")]


async def test_two_that_wait_are_not_guessed_between():
    desk, _ = await waiting_desk()
    desk.runner.decisions["SELECT 2"] = NeedApproval((REASON,))
    await desk.ask("", preset=RunSql("SELECT 2"))
    desk.model.says("plan_turn_action", routed("execution_approve"))
    answer = await desk.ask("yes")
    assert [(notice.code, dict(notice.params)) for notice in answer.notices] == [("approval.which", {"count": 2})]
    assert desk.runner.ran == []


async def test_the_door_has_the_last_word_on_an_approval():
    desk, approval_id = await waiting_desk()
    desk.runner.decisions[SQL] = Deny((Notice("deny.table", {"table": "x"}),))
    answer = await desk.ask("", preset=Approve(approval_id))
    assert (answer.decision, answer.table) == (DecisionWord.BLOCKED, None)
    assert "deny.table" in codes(answer)


@pytest.mark.parametrize("confidence", [0.0, 0.3, 0.549])
async def test_below_the_threshold_the_turn_chats_without_tools(confidence: float):
    desk = Desk()
    desk.model.says("plan_turn_action", routed("sql_generate", confidence))
    desk.model.says("chat_reply", chat("Which orders?", "check_sql", SQL))
    answer = await desk.ask("orders?")
    assert answer.route
    assert (answer.route.action, answer.route.fallback_used) == (Action.CHAT_REPLY, False)
    assert answer.text == "Which orders?"
    assert desk.runner.checked == []


async def test_a_clarifying_question_is_asked_instead_of_guessing():
    desk = Desk()
    desk.model.says("plan_turn_action", routed("sql_generate", 0.9, "Which year?"))
    desk.model.says("clarify", ModelUnavailable())
    answer = await desk.ask("orders?")
    assert (answer.text, answer.choices, answer.error) == ("Which year?", (), None)
    assert [prompt.name for prompt in desk.model.prompts] == ["plan_turn_action", "clarify"]


async def test_a_wish_to_change_data_is_refused_without_another_word_of_the_model():
    desk = Desk()
    desk.model.says("plan_turn_action", routed("sql_generate", changes_data=True))
    answer = await desk.ask("drop the orders table")
    assert answer.route
    assert answer.route.action is Action.CHAT_REPLY
    assert [notice.code for notice in answer.notices] == ["sql.never_changes"]
    assert (answer.sql, desk.runner.checked, desk.runner.ran) == (None, [], [])
    assert [prompt.name for prompt in desk.model.prompts] == ["plan_turn_action"]


async def test_an_unparsable_route_falls_back_to_chat():
    desk = Desk()
    desk.model.says("plan_turn_action", ModelUnparsable("nonsense")).says("chat_reply", chat("Say it again?"))
    answer = await desk.ask("drop the orders table")
    assert answer.route
    assert (answer.route.action, answer.route.fallback_used) == (Action.CHAT_REPLY, True)
    assert answer.text == "Say it again?"
    assert desk.runner.checked == desk.runner.ran == []


@pytest.mark.parametrize(
    ("error", "code"), [(ModelLoading, "error.model_loading"), (ModelUnavailable, "error.model_unavailable")]
)
async def test_a_model_that_is_not_there_is_told_at_once(error: type, code: str):
    desk = Desk()
    desk.model.says("plan_turn_action", error())
    answer = await desk.ask("orders?")
    assert (answer.error, codes(answer)) == (error.__name__, [code])
    assert answer.route
    assert answer.route.fallback_used
    assert len(desk.model.prompts) == 1


@pytest.mark.parametrize("call", ["sql_generate", "chat_reply", "schema_lookup"])
async def test_a_model_that_fails_on_the_road_is_told(call: str):
    desk = Desk()
    desk.model.says("plan_turn_action", routed(call)).says(call, ModelUnavailable("down"))
    answer = await desk.ask("anything")
    assert (answer.error, codes(answer)) == ("ModelUnavailable", ["error.model_unavailable"])
    assert answer.usage.calls == 2


async def test_the_warehouses_outage_is_left_to_the_inbox():
    desk = Desk()
    desk.runner.run_errors = [WarehouseUnavailable("503")]
    with pytest.raises(WarehouseUnavailable):
        await desk.ask("", preset=RunSql(SQL))
    assert (Step.RUN, "failed") in desk.seen()


async def test_with_the_router_off_every_turn_chats():
    desk = Desk(intent_llm_enabled=False)
    desk.model.says("chat_reply", chat())
    answer = await desk.ask("How many orders?")
    assert answer.route
    assert answer.route.action is Action.CHAT_REPLY
    assert desk.model.asked("plan_turn_action") == []


async def test_the_chat_planner_looks_before_it_speaks_and_is_bounded():
    desk = Desk(intent_llm_enabled=False)
    desk.model.says(
        "chat_reply", chat("?", "describe_tables"), chat("?", "check_sql", SQL), chat("Cheap.", "check_sql", SQL)
    )
    answer = await desk.ask("what would counting orders cost?")
    assert answer.text == "Cheap."
    assert len(desk.model.prompts) == 3
    assert desk.runner.checked == [SQL]
    assert "TABLE shop.orders" in desk.model.prompts[1].user
    assert desk.runner.ran == []


async def test_the_chat_planner_runs_nothing_unless_it_may():
    desk = Desk(intent_llm_enabled=False)
    desk.model.says("chat_reply", chat("Done", "run_sql", SQL))
    await desk.ask("count orders")
    assert desk.runner.checked == desk.runner.ran == []
    desk = Desk(intent_llm_enabled=False, chat_allow_execute_in_chat=True)
    desk.model.says("chat_reply", chat("?", "run_sql", SQL), chat("Here."))
    answer = await desk.ask("count orders")
    assert desk.runner.ran == [SQL]
    assert answer.table is not None
    desk.runner.decisions[SQL] = NeedApproval((REASON,))
    desk.model.says("chat_reply", chat("?", "run_sql", SQL), chat("Too dear."))
    await desk.ask("count orders")
    assert desk.runner.ran == [SQL]


async def test_an_empty_message_gets_help_without_a_model():
    desk = Desk()
    answer = await desk.ask("  ")
    assert codes(answer) == ["help.ask_me"]
    assert desk.model.prompts == []


async def test_talk_between_people_is_passed_over_and_forgotten():
    desk = Desk()
    desk.model.says("classify_relevance", {"relevant": False})
    answer = await desk.ask("lunch?", addressed=False)
    assert not answer.is_for_us
    assert (await desk.state()).get("messages", []) == []
    assert answer.usage.calls == 1


async def test_without_a_model_nobody_is_talked_into_a_thread():
    desk = Desk()
    desk.model.says("classify_relevance", ModelUnavailable())
    assert not (await desk.ask("lunch?", addressed=False)).is_for_us


async def test_a_message_for_us_in_a_thread_is_answered():
    desk = Desk()
    desk.model.says("classify_relevance", {"relevant": True})
    desk.model.says("plan_turn_action", routed("chat_reply")).says("chat_reply", chat())
    assert (await desk.ask("and last year?", addressed=False)).is_for_us


async def test_forty_thousand_characters_are_cut_and_it_is_said():
    desk = Desk()
    desk.model.says("plan_turn_action", routed("chat_reply")).says("chat_reply", chat())
    answer = await desk.ask("x" * 40_000)
    assert codes(answer) == ["caveat.message_cut"]
    assert all(len(prompt.user) < 6000 for prompt in desk.model.prompts)
