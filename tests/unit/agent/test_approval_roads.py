"""What a yes, a no and a press do inside the agent: whose turn runs, and what a person is asked anew."""

from agent.notice import Notice
from agent.policy.approvals import ApprovalState
from agent.policy.deciders import Deciders
from agent.policy.decision import NeedApproval
from agent.query_values import Check, QueryRefused
from agent.turn import Action, Actor, Answer, Audience, CarryOut, DecisionWord, Member, RunSql
from tests.unit.agent.desk import Desk, routed

REASON = Notice("approval.cost", {"cost_usd": 5.0, "limit_usd": 0.1})
DEAR = "SELECT * FROM shop.orders WHERE d BETWEEN '2025-01-01' AND '2025-12-31'"


async def waiting_desk(sql: str = DEAR) -> tuple[Desk, Answer]:
    desk = Desk()
    desk.runner.decisions[sql] = NeedApproval((REASON,))
    waiting = await desk.ask("revenue?", preset=RunSql(sql, title="Revenue"))
    assert waiting.approval_id is not None
    return desk, waiting


def codes(answer: Answer) -> list[str]:
    return [notice.code for notice in answer.notices]


async def test_the_card_says_who_decides_and_until_when() -> None:
    desk, waiting = await waiting_desk()
    approval = await desk.approvals.get(waiting.approval_id or "")
    assert approval is not None
    assert waiting.card is not None
    assert (waiting.card.requester, waiting.card.state, waiting.card.requester_may) == ("U1", "pending", True)
    assert waiting.card.expires_at == approval.request.expires_at.timestamp()
    assert waiting.text == "Revenue"


async def test_a_card_that_nobody_in_a_direct_message_may_decide_on_says_so() -> None:
    alone = Audience("asker", "D1", asker=Member("U1"))
    for deciders, hints in (
        (Deciders(four_eyes=True), ["approval.nobody_here"]),
        (Deciders(requester_may=False), ["approval.nobody_here"]),
        (Deciders(four_eyes=True, named=("U9",)), []),  # it is on their Home tab
        (Deciders(requester_may=False, budget_owner="U1"), []),
        (Deciders(), []),
    ):
        desk = Desk()
        desk.runner.decisions[DEAR] = NeedApproval((REASON,))
        desk.runner.deciders = deciders
        assert codes(await desk.ask("revenue?", preset=RunSql(DEAR), audience=alone)) == ["approval.cost", *hints]
        in_a_room = await desk.ask("revenue?", preset=RunSql(DEAR))
        assert codes(in_a_room) == ["approval.cost"]


async def test_what_somebody_let_run_runs_as_the_requesters_own() -> None:
    desk, waiting = await waiting_desk()
    assert waiting.approval_id is not None
    await desk.approvals.decide(waiting.approval_id, "U2", approve=True)
    answer = await desk.ask("revenue?", preset=CarryOut(waiting.approval_id, approved=True))
    assert answer.route is not None
    assert (answer.route.action, answer.table is not None) == (Action.EXECUTION_APPROVE, True)
    assert [(notice.code, notice.params["by"]) for notice in answer.notices] == [("approval.granted", "U2")]
    assert (desk.runner.ran, desk.runner.approved) == ([DEAR], [waiting.approval_id])


async def test_what_somebody_refused_is_said_and_not_run() -> None:
    desk, waiting = await waiting_desk()
    assert waiting.approval_id is not None
    await desk.approvals.decide(waiting.approval_id, "U2", approve=False)
    answer = await desk.ask("revenue?", preset=CarryOut(waiting.approval_id, approved=False))
    assert (codes(answer), answer.table, desk.runner.ran) == (["approval.cancelled"], None, [])


async def test_only_the_row_says_that_it_was_approved() -> None:
    desk, waiting = await waiting_desk()
    assert waiting.approval_id is not None
    answer = await desk.ask("", preset=CarryOut(waiting.approval_id, approved=True))
    assert answer.table is None
    await desk.approvals.decide(waiting.approval_id, "U2", approve=False)
    answer = await desk.ask("", preset=CarryOut(waiting.approval_id, approved=True))
    assert (codes(answer), answer.decision) == (["approval.already_decided"], DecisionWord.BLOCKED)
    elsewhere = await desk.ask("", preset=CarryOut(waiting.approval_id, approved=False), conversation="T:C:2")
    assert codes(elsewhere) == ["approval.unknown"]
    assert desk.runner.ran == []


async def test_a_yes_in_words_counts_for_those_only_who_may_decide() -> None:
    desk, waiting = await waiting_desk()
    assert waiting.approval_id is not None
    desk.model.says("plan_turn_action", routed("execution_approve"), routed("execution_approve"))
    guest = Audience("channel", "C", asker=Member("U1x", is_guest=True))
    stranger = await desk.ask("yes", audience=guest)
    assert codes(stranger) == ["approval.not_yours"]
    assert desk.runner.ran == []
    approval = await desk.approvals.get(waiting.approval_id)
    assert approval is not None
    assert approval.state is ApprovalState.PENDING
    assert (await desk.ask("yes")).table is not None


async def test_a_yes_in_a_room_that_is_too_large_to_count_is_given_by_the_button() -> None:
    desk, waiting = await waiting_desk()
    colleague, members = Actor("U2", "T"), (Member("U1"), Member("U2"))
    desk.model.says("plan_turn_action", *[routed("execution_approve")] * 2)
    crowd = Audience("channel", "C", asker=Member("U2"))
    answer = await desk.ask("yes", actor=colleague, audience=crowd)
    assert [(notice.code, notice.params["count"]) for notice in answer.notices] == [("approval.which", 1)]
    assert [one.approval_id for one in answer.waiting] == [waiting.approval_id]
    assert desk.runner.ran == []
    counted = await desk.ask(
        "yes", actor=colleague, audience=Audience("channel", "C", members=members, asker=members[1])
    )
    assert counted.table is not None


async def test_a_no_counts_in_a_room_of_any_size() -> None:
    desk, _ = await waiting_desk()
    desk.model.says("plan_turn_action", routed("execution_cancel"))
    crowd = Audience("channel", "C", asker=Member("U2"))
    assert codes(await desk.ask("no", actor=Actor("U2", "T"), audience=crowd)) == ["approval.cancelled"]


async def test_a_bare_yes_to_two_gives_back_both_and_never_a_guess() -> None:
    desk, first = await waiting_desk()
    desk.runner.decisions["SELECT 2"] = NeedApproval((REASON,))
    second = await desk.ask("orders?", preset=RunSql("SELECT 2"))
    desk.model.says("plan_turn_action", routed("execution_approve"))
    answer = await desk.ask("yes")
    assert codes(answer) == ["approval.which"]
    told = [(one.approval_id, one.question) for one in answer.waiting]
    assert told == [(first.approval_id, "revenue?"), (second.approval_id, "orders?")]
    assert desk.runner.ran == []


async def test_what_has_drifted_is_asked_about_anew() -> None:
    desk, waiting = await waiting_desk()
    assert waiting.approval_id is not None
    await desk.approvals.decide(waiting.approval_id, "U2", approve=True)
    now = Check(NeedApproval((REASON,)), DEAR, f"fp:{DEAR}", ("p.shop.orders",), 9_000_000, 4.5)
    void = Notice("approval.void_price", {"size": 9_000_000, "limit": 2_000_000})
    desk.runner.run_errors.append(QueryRefused(now, (void,)))
    desk.runner.bytes_of[DEAR] = 9_000_000
    answer = await desk.ask("revenue?", preset=CarryOut(waiting.approval_id, approved=True))
    assert answer.decision == DecisionWord.APPROVAL_REQUIRED
    assert codes(answer) == ["approval.granted", "approval.void_price"]
    assert answer.approval_id not in (None, waiting.approval_id)
    assert answer.bill.bytes_estimated == 9_000_000
    assert answer.card is not None
    assert answer.card.requester == "U1"
    assert desk.runner.ran == []


async def test_cheaper_twins_are_those_that_the_door_prices_lower() -> None:
    desk = Desk()
    desk.runner.decisions[DEAR] = NeedApproval((REASON,))
    desk.runner.bytes_of = {DEAR: 10_000_000}
    desk.runner.bytes_otherwise = 8_000_000
    dear = await desk.ask("revenue?", preset=RunSql(DEAR))
    assert dear.twins == ()
    desk.runner.bytes_otherwise = 3_000_000
    answer = await desk.ask("revenue?", preset=RunSql(DEAR))
    assert [(twin.gives_up.code, twin.bytes_estimated) for twin in answer.twins] == [
        ("twin.period", 3_000_000),
        ("twin.sample", 3_000_000),
    ]
    assert "2025-12-02" in answer.twins[0].sql
    assert desk.runner.ran == []
    run = await desk.ask("", preset=RunSql(answer.twins[0].sql, title="Revenue (only December)"))
    assert (run.text, desk.runner.ran) == ("Revenue (only December)", [answer.twins[0].sql])
