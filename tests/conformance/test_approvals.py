"""What every `Approvals` promises, on the fake and on Postgres. Another implementation is one more parameter."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from agent.notice import Notice
from agent.policy.approvals import Approval, ApprovalRequest, Approvals, ApprovalState
from tests.fakes.approvals import FakeApprovals


@pytest.fixture
def memory_approvals() -> Approvals:
    return FakeApprovals()


@pytest.fixture(params=["memory_approvals", "postgres_approvals"])
def approvals(request: pytest.FixtureRequest) -> Approvals:
    return request.getfixturevalue(request.param)


def asked(
    turn_id: str = "message:T1:C1:1.0",
    *,
    conversation: str = "T1:C1:1.0",
    fingerprint: str = "f" * 64,
    lives: timedelta = timedelta(hours=1),
) -> ApprovalRequest:
    return ApprovalRequest(
        turn_id=turn_id,
        conversation=conversation,
        requester="U1",
        question="매출이 얼마예요? \N{SNOWMAN}",
        sql="SELECT 'a''\n--b' FROM `p.shop.orders`\t",
        fingerprint=fingerprint,
        tables=("p.shop.order_items", "p.shop.orders"),
        bytes_ceiling=2**40,
        cost_ceiling_usd=6.25,
        reasons=(Notice("approval.cost", {"cost_usd": 6.25, "limit_usd": 0.1}), Notice("approval.recursive")),
        expires_at=datetime.now(UTC).replace(microsecond=0) + lives,
    )


async def existing(approvals: Approvals, approval_id: str) -> Approval:
    approval = await approvals.get(approval_id)
    assert approval is not None
    return approval


async def test_an_approval_gives_back_what_was_asked_byte_for_byte(approvals: Approvals) -> None:
    request = asked()
    approval = await existing(approvals, await approvals.request(request))
    assert approval.request == request
    assert (approval.state, approval.decided_by, approval.decided_at) == (ApprovalState.PENDING, None, None)


async def test_an_unknown_cost_stays_unknown(approvals: Approvals) -> None:
    request = replace(asked(), cost_ceiling_usd=None, reasons=())
    assert (await existing(approvals, await approvals.request(request))).request == request


async def test_the_same_statement_of_the_same_turn_is_asked_once(approvals: Approvals) -> None:
    first = await approvals.request(asked())
    assert await approvals.request(asked()) == first
    assert await approvals.request(asked(fingerprint="e" * 64)) != first
    assert await approvals.request(asked("message:T1:C1:2.0")) != first


async def test_asking_again_does_not_undo_a_decision(approvals: Approvals) -> None:
    approval_id = await approvals.request(asked())
    await approvals.decide(approval_id, "U2", approve=False)
    assert await approvals.request(asked()) == approval_id
    assert (await existing(approvals, approval_id)).state is ApprovalState.DENIED


async def test_what_waits_in_a_conversation_is_listed_oldest_first(approvals: Approvals) -> None:
    first = await approvals.request(asked("t1"))
    second = await approvals.request(asked("t2"))
    await approvals.request(asked("t3", conversation="T1:C2:9.0"))
    decided = await approvals.request(asked("t4"))
    await approvals.decide(decided, "U1", approve=True)
    await approvals.request(asked("t5", lives=timedelta(seconds=-1)))
    assert [approval.id for approval in await approvals.pending("T1:C1:1.0")] == [first, second]


async def test_the_first_press_decides_and_the_second_hears_who_did(approvals: Approvals) -> None:
    approval_id = await approvals.request(asked())
    first = await approvals.decide(approval_id, "U2", approve=True)
    second = await approvals.decide(approval_id, "U3", approve=False)
    assert first is not None
    assert second is not None
    assert (first.is_first, second.is_first) == (True, False)
    assert first.approval.state is second.approval.state is ApprovalState.APPROVED
    assert second.approval.decided_by == "U2"
    assert second.approval.decided_at is not None


async def test_of_many_presses_at_once_one_decides(approvals: Approvals) -> None:
    approval_id = await approvals.request(asked())
    presses = [approvals.decide(approval_id, f"U{n}", approve=n % 2 == 0) for n in range(10)]
    decided = [word for word in await asyncio.gather(*presses) if word is not None]
    assert [word.is_first for word in decided].count(True) == 1
    winner = next(word.approval for word in decided if word.is_first)
    assert {word.approval.decided_by for word in decided} == {winner.decided_by}


async def test_an_expired_approval_cannot_be_given_any_more(approvals: Approvals) -> None:
    approval_id = await approvals.request(asked(lives=timedelta(seconds=-1)))
    assert (await existing(approvals, approval_id)).state is ApprovalState.EXPIRED
    decided = await approvals.decide(approval_id, "U2", approve=True)
    assert decided is not None
    assert not decided.is_first
    assert decided.approval.state is ApprovalState.EXPIRED


async def test_a_decision_stands_after_its_expiry(approvals: Approvals) -> None:
    request = asked(lives=timedelta(seconds=1))
    approval_id = await approvals.request(request)
    await approvals.decide(approval_id, "U2", approve=True)
    await asyncio.sleep((request.expires_at - datetime.now(UTC)).total_seconds() + 0.05)
    assert (await existing(approvals, approval_id)).state is ApprovalState.APPROVED


async def test_what_nobody_asked_for_is_not_there(approvals: Approvals) -> None:
    assert await approvals.get("approval-of-nobody") is None
    assert await approvals.decide("approval-of-nobody", "U1", approve=True) is None
    assert await approvals.pending("T9:C9:9.9") == ()
