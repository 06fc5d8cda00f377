"""What every `Approvals` promises, on the fake and on Postgres. Another implementation is one more parameter."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Protocol

import pytest

from agent.notice import Notice
from agent.policy.approvals import Approval, ApprovalRequest, Approvals, ApprovalState, Decided
from agent.policy.deciders import Deciders
from agent.turn import Column
from bot.approvals.cards import CardStates
from tests.fakes.approvals import FakeApprovals


class Store(Approvals, CardStates, Protocol):
    """Both Protocols are one store's."""


@pytest.fixture
def memory_approvals() -> Store:
    return FakeApprovals()


@pytest.fixture(params=["memory_approvals", "postgres_approvals"])
def approvals(request: pytest.FixtureRequest) -> Store:
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
        expires_at=datetime.now(UTC) + lives,
        deciders=Deciders(("U7", "finance"), requester_may=False, four_eyes=True, budget_owner="U8"),
        columns=(Column("n", "INT64"), Column("when", "ARRAY<DATE>")),
    )


async def existing(approvals: Store, approval_id: str) -> Approval:
    approval = await approvals.get(approval_id)
    assert approval is not None
    return approval


async def test_an_approval_gives_back_what_was_asked_byte_for_byte(approvals: Store) -> None:
    request = asked()
    approval = await existing(approvals, await approvals.request(request))
    assert approval.request == request
    assert (approval.state, approval.decided_by, approval.decided_at) == (ApprovalState.PENDING, None, None)


async def test_an_unknown_cost_stays_unknown(approvals: Store) -> None:
    request = replace(asked(), cost_ceiling_usd=None, reasons=())
    assert (await existing(approvals, await approvals.request(request))).request == request


async def test_the_same_statement_of_the_same_turn_is_asked_once(approvals: Store) -> None:
    first = await approvals.request(asked())
    assert await approvals.request(asked()) == first
    assert await approvals.request(asked(fingerprint="e" * 64)) != first
    assert await approvals.request(asked("message:T1:C1:2.0")) != first


async def test_asking_again_does_not_undo_a_decision(approvals: Store) -> None:
    approval_id = await approvals.request(asked())
    await approvals.decide(approval_id, "U2", approve=False)
    assert await approvals.request(asked()) == approval_id
    assert (await existing(approvals, approval_id)).state is ApprovalState.DENIED


async def test_what_waits_in_a_conversation_is_listed_oldest_first(approvals: Store) -> None:
    first = await approvals.request(asked("t1"))
    second = await approvals.request(asked("t2"))
    await approvals.request(asked("t3", conversation="T1:C2:9.0"))
    decided = await approvals.request(asked("t4"))
    await approvals.decide(decided, "U1", approve=True)
    await approvals.request(asked("t5", lives=timedelta(seconds=-1)))
    assert [approval.id for approval in await approvals.pending("T1:C1:1.0")] == [first, second]


async def test_the_first_press_decides_and_the_second_hears_who_did(approvals: Store) -> None:
    approval_id = await approvals.request(asked())
    first = await approvals.decide(approval_id, "U2", approve=True)
    second = await approvals.decide(approval_id, "U3", approve=False)
    assert first is not None
    assert second is not None
    assert (first.is_first, second.is_first) == (True, False)
    assert first.approval.state is second.approval.state is ApprovalState.APPROVED
    assert second.approval.decided_by == "U2"
    assert second.approval.decided_at is not None


async def test_of_many_presses_at_once_one_decides(approvals: Store) -> None:
    approval_id = await approvals.request(asked())
    presses = [approvals.decide(approval_id, f"U{n}", approve=n % 2 == 0, via=f"click:{n}") for n in range(50)]
    decided = [word for word in await asyncio.gather(*presses) if word is not None]
    assert [word.is_first for word in decided].count(True) == 1
    winner = next(word.approval for word in decided if word.is_first)
    assert {word.approval.decided_by for word in decided} == {winner.decided_by}


async def test_an_expired_approval_cannot_be_given_any_more(approvals: Store) -> None:
    approval_id = await approvals.request(asked(lives=timedelta(seconds=-1)))
    assert (await existing(approvals, approval_id)).state is ApprovalState.EXPIRED
    decided = await approvals.decide(approval_id, "U2", approve=True)
    assert decided is not None
    assert not decided.is_first
    assert decided.approval.state is ApprovalState.EXPIRED


async def test_the_same_press_delivered_again_is_still_the_first(approvals: Store) -> None:
    approval_id = await approvals.request(asked())
    await approvals.decide(approval_id, "U2", approve=True, via="click:1")
    again = await approvals.decide(approval_id, "U2", approve=True, via="click:1")
    other = await approvals.decide(approval_id, "U2", approve=True, via="click:2")
    unnamed = await approvals.decide(approval_id, "U2", approve=True)
    assert [word.is_first for word in (again, other, unnamed) if word] == [True, False, False]


async def test_an_expiry_and_a_press_at_the_same_instant_end_in_one_of_the_two(approvals: Store) -> None:
    """Presses and sweeps from before the end until after it: whatever won, everybody is told the same."""
    request = asked(lives=timedelta(seconds=0.3))
    approval_id = await approvals.request(request)

    async def press(after: float) -> Decided | None:
        await asyncio.sleep(after)
        return await approvals.decide(approval_id, "U2", approve=True, via=f"click:{after}")

    async def sweep(after: float) -> tuple[Approval, ...]:
        await asyncio.sleep(after)
        return await approvals.outdated_cards(10)

    left = (request.expires_at - datetime.now(UTC)).total_seconds()
    around = [left + n / 1000 for n in range(-4, 12)]
    pressed = await asyncio.gather(*(press(at) for at in around), *(sweep(at) for at in around))
    words = [word for word in pressed if isinstance(word, Decided)]
    final = await existing(approvals, approval_id)
    assert final.state in (ApprovalState.APPROVED, ApprovalState.EXPIRED)
    assert all(word.approval == final for word in words)
    assert [word.is_first for word in words].count(True) == (final.state is ApprovalState.APPROVED)
    assert [card.state for card in await approvals.outdated_cards(10)] == [final.state]


async def test_a_decision_stands_after_its_expiry(approvals: Store) -> None:
    request = asked(lives=timedelta(seconds=3))  # time enough for the decision on the slowest machine
    approval_id = await approvals.request(request)
    await approvals.decide(approval_id, "U2", approve=True)
    await asyncio.sleep((request.expires_at - datetime.now(UTC)).total_seconds() + 0.05)
    await approvals.outdated_cards(10)
    assert (await existing(approvals, approval_id)).state is ApprovalState.APPROVED


async def test_a_card_is_outdated_until_it_shows_what_became_of_its_approval(approvals: Store) -> None:
    await approvals.request(asked("waits"))
    decided = await approvals.request(asked("decided"))
    over = await approvals.request(asked("over", lives=timedelta(seconds=-1)))
    await approvals.decide(decided, "U2", approve=False)
    outdated = {card.id: card.state for card in await approvals.outdated_cards(10)}
    assert outdated == {decided: ApprovalState.DENIED, over: ApprovalState.EXPIRED}
    assert len(await approvals.outdated_cards(1)) == 1
    settled = {turn: [card.id for card in await approvals.settled_of(turn)] for turn in ("waits", "decided", "over")}
    assert settled == {"waits": [], "decided": [decided], "over": [over]}
    for approval_id, state in outdated.items():
        await approvals.card_shows(approval_id, state)
    assert await approvals.outdated_cards(10) == ()


async def test_what_nobody_asked_for_is_not_there(approvals: Store) -> None:
    assert await approvals.get("approval-of-nobody") is None
    assert await approvals.decide("approval-of-nobody", "U1", approve=True) is None
    assert await approvals.pending("T9:C9:9.9") == ()
