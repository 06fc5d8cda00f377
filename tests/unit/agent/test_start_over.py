"""Starting over: the conversation is forgotten; what waits for approval is a fact of its own and goes on waiting."""

from agent.notice import Notice
from agent.policy.approvals import ApprovalState
from agent.policy.decision import NeedApproval
from agent.turn import Action, Answer, Approve, DecisionWord, RunSql, Said, StartOver
from tests.unit.agent.desk import SQL, Desk, chat, drafted, routed

DOWN = Said("U2", "sales are down")
REASON = Notice("approval.cost", {"cost_usd": 5.0})


def codes(answer: Answer) -> list[str]:
    return [notice.code for notice in answer.notices]


def talking_desk() -> Desk:
    desk = Desk()
    desk.model.says("plan_turn_action", routed("sql_generate")).says("sql_generate", drafted())
    return desk


async def test_messages_and_the_last_sql_are_forgotten():
    desk = talking_desk()
    await desk.ask("How many orders in 2025?")
    answer = await desk.ask("start over", preset=StartOver())
    assert answer.route
    assert (answer.route.action, codes(answer), answer.usage.calls) == (
        Action.CHAT_REPLY,
        ["conversation.started_over"],
        0,
    )
    await desk.ask("only Korea")
    prompt = desk.model.asked("sql_generate")[1].user
    assert not any(old in prompt for old in ("How many orders", SQL, "<conversation>", "start over"))
    assert "previous_sql=none" in desk.model.asked("plan_turn_action")[1].user


async def test_nothing_of_the_old_conversation_is_kept():
    desk = talking_desk()
    await desk.ask("How many orders in 2025?")
    await desk.ask("start over", preset=StartOver())
    state = await desk.state()
    assert (state["messages"], state["last"]) == ([], {})
    kept = [checkpoint async for checkpoint in desk.savers.saver.alist(None)]
    assert len(kept) == 1
    assert "2025" not in str(kept)


async def test_run_it_has_nothing_to_run_after_it():
    desk = talking_desk()
    await desk.ask("How many orders in 2025?")
    await desk.ask("처음부터", preset=StartOver())
    assert codes(await desk.ask("", preset=RunSql(""))) == ["sql.none_to_run"]


async def test_delivered_again_it_says_the_same_and_forgets_nothing_newer():
    desk = talking_desk()
    first = await desk.ask("start over", preset=StartOver(), id="over")
    assert await desk.ask("start over", preset=StartOver(), id="over") == first


async def test_the_threads_earlier_words_come_back_only_if_they_are_new():
    desk = Desk()
    desk.model.says("plan_turn_action", routed("chat_reply")).says("chat_reply", chat())
    await desk.ask("hello", thread=(DOWN,))
    await desk.ask("start over", preset=StartOver(), thread=(DOWN,))
    await desk.ask("hello again")
    assert "sales are down" not in desk.model.asked("plan_turn_action")[1].user


async def waiting_desk() -> tuple[Desk, str]:
    desk = Desk()
    desk.runner.decisions[SQL] = NeedApproval((REASON,))
    waiting = await desk.ask("", preset=RunSql(SQL))
    assert waiting.approval_id
    return desk, waiting.approval_id


async def test_a_bare_yes_no_longer_means_what_waited_before():
    desk, approval_id = await waiting_desk()
    answer = await desk.ask("最初から", preset=StartOver())
    assert codes(answer) == ["conversation.started_over", "conversation.still_waiting"]
    desk.model.says("plan_turn_action", routed("execution_approve")).says("chat_reply", chat())
    await desk.ask("yes")
    assert "pending=no" in desk.model.asked("plan_turn_action")[0].user
    approval = await desk.approvals.get(approval_id)
    assert approval
    assert approval.state is ApprovalState.PENDING
    assert desk.runner.ran == []


async def test_its_button_still_works():
    desk, approval_id = await waiting_desk()
    await desk.ask("start over", preset=StartOver())
    answer = await desk.ask("", preset=Approve(approval_id))
    assert (answer.decision, desk.runner.ran) == (DecisionWord.AUTO_EXECUTE, [SQL])


async def test_a_yes_means_what_was_asked_for_since():
    desk, _ = await waiting_desk()
    await desk.ask("start over", preset=StartOver())
    desk.runner.decisions["SELECT 2"] = NeedApproval((REASON,))
    await desk.ask("", preset=RunSql("SELECT 2"))
    desk.model.says("plan_turn_action", routed("execution_approve"))
    await desk.ask("yes")
    assert desk.runner.ran == ["SELECT 2"]


async def test_said_among_people_it_is_for_the_model_to_judge():
    desk = talking_desk()
    await desk.ask("How many orders in 2025?")
    desk.model.says("classify_relevance", {"relevant": False}, {"relevant": True})
    passed_over = await desk.ask("start over", preset=StartOver(), addressed=False)
    assert not passed_over.is_for_us
    assert (await desk.state())["last"]["sql"] == SQL
    assert codes(await desk.ask("start over", preset=StartOver(), addressed=False)) == ["conversation.started_over"]
