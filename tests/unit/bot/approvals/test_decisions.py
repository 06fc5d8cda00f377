"""Presses and marks: who decides, what follows, and what whoever does not decide is told."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, Literal

import pytest

from agent.notice import Notice
from agent.policy.approvals import ApprovalRequest, ApprovalState
from agent.policy.card import card_of
from agent.policy.deciders import Deciders
from agent.turn import Action, Answer, Audience, CarryOut, Language, Member, Route, RunSql, Twin
from bot.approvals.cards import CardService, card_outdated, keep_cards_current
from bot.approvals.decisions import DecisionService
from bot.approvals.twins import TwinService
from bot.inbox.items import CardOutdated, DecisionRequested, TurnRequested, TwinRequested
from bot.replies import Reply, decode_answer, encode_answer
from bot.surface import Person
from tests.fakes.approvals import FakeApprovals
from tests.fakes.inbox import FakeInbox
from tests.fakes.replies import FakeReplies

TURN, CONVERSATION = "message:T1:C1:1.0", "T1:C1:1.0"


class Rooms:
    async def audience(self, channel: str, user: str, *, kind: Literal["asker", "channel"]) -> Audience:
        return Audience(kind, channel, asker=Member(user, is_guest=user == "U_GUEST"))

    async def holds(self, channel: str, user: str) -> bool:
        return True


class People:
    async def find(self, user: str) -> Person:
        return Person("ko-KR", "Asia/Seoul")


class Whispers:
    def __init__(self) -> None:
        self.said: list[tuple[str, str, dict[str, Any], Language]] = []

    async def whisper(
        self, channel: str, user: str, notice: Notice, language: Language, *, thread_ts: str | None = None
    ) -> None:
        self.said.append((user, notice.code, dict(notice.params), language))


class Faces:
    def __init__(self) -> None:
        self.shown: list[tuple[str, str, str]] = []
        self.error: Exception | None = None

    async def show(self, channel: str, ts: str, answer: Answer) -> None:
        if self.error is not None:
            raise self.error
        assert answer.card is not None
        self.shown.append((channel, ts, answer.card.state))


class Bench:
    def __init__(self) -> None:
        self.now = datetime(2026, 1, 5, 9, tzinfo=UTC)
        self.approvals = FakeApprovals(lambda: self.now)
        self.replies, self.inbox, self.whispers, self.faces = FakeReplies(), FakeInbox(), Whispers(), Faces()
        self.decisions = DecisionService(
            approvals=self.approvals,
            replies=self.replies,
            inbox=self.inbox,
            rooms=Rooms(),
            people=People(),
            whispers=self.whispers,
        )
        self.cards = CardService(
            approvals=self.approvals, states=self.approvals, replies=self.replies, faces=self.faces
        )
        self.twins = TwinService(replies=self.replies, inbox=self.inbox, whispers=self.whispers)

    async def card(self, **changes: Any) -> str:
        """A card that stands at C1 2.0; the approval's id."""
        request = ApprovalRequest(
            turn_id=TURN,
            conversation=CONVERSATION,
            requester="U1",
            question="revenue by day?",
            sql="SELECT 1",
            fingerprint="f",
            tables=(),
            bytes_ceiling=1,
            cost_ceiling_usd=1.0,
            reasons=(),
            expires_at=self.now + timedelta(hours=1),
        )
        approval_id = await self.approvals.request(replace(request, **changes))
        approval = await self.approvals.get(approval_id)
        assert approval is not None
        twin = Twin(Notice("twin.sample", {"percent": 10, "table": "shop.orders"}), "SELECT 2", 5, 0.1)
        answer = Answer(
            TURN,
            "en",
            Route(Action.SQL_GENERATE, 1.0, ""),
            text="Revenue by day",
            approval_id=approval_id,
            card=card_of(approval),
            twins=(twin,),
        )
        await self.replies.keep_place(Reply(TURN, CONVERSATION, "C1", "1.0", ts="2.0"))
        await self.replies.keep_answer(TURN, encode_answer(answer))
        return approval_id

    def press(
        self, approval_id: str | None, user: str = "U2", *, approve: bool = True, **changes: Any
    ) -> DecisionRequested:
        fields: dict[str, Any] = {
            "dedupe_key": f"click:{user}:{approve}",
            "conversation": "control:x",
            "spoken_at": Decimal(5),
            "approve": approve,
            "approval_id": approval_id,
            "team": "T1",
            "channel": "C1",
            "thread_ts": "1.0",
            "user": user,
            "language": "en",
        }
        return DecisionRequested(**{**fields, **changes})

    async def sweep(self, *, replicas: int) -> None:
        """Until something was put."""
        sweeps = [
            asyncio.create_task(keep_cards_current(self.approvals, self.inbox, every=0), name=f"sweep-{n}")
            for n in range(replicas)
        ]
        await asyncio.wait_for(self.inbox.wake.wait(), 10)
        for sweep in sweeps:
            sweep.cancel()
        await asyncio.gather(*sweeps, return_exceptions=True)

    @property
    def turns(self) -> list[TurnRequested]:
        return [item for item in self.inbox.items if isinstance(item, TurnRequested)]


async def test_a_yes_is_carried_out_as_the_requesters_own_turn() -> None:
    bench = Bench()
    approval_id = await bench.card()
    press = bench.press(approval_id)
    await bench.decisions.run(press)
    await bench.decisions.run(press)  # a crash before the item was completed
    (turn,) = bench.turns
    assert turn.preset == CarryOut(approval_id, approved=True)
    assert (turn.user, turn.text, turn.conversation) == ("U1", "revenue by day?", CONVERSATION)
    assert (turn.channel, turn.thread_ts, turn.surface) == ("C1", "1.0", "channel")
    assert [item.dedupe_key for item in bench.inbox.items if isinstance(item, CardOutdated)] == [
        f"card:{approval_id}:approved"
    ]
    assert bench.whispers.said == []


async def test_of_fifty_presses_one_counts_and_the_others_hear_whose() -> None:
    bench = Bench()
    approval_id = await bench.card()
    presses = [bench.press(approval_id, f"U{n}", approve=n % 2 == 0) for n in range(50)]
    await asyncio.gather(*(bench.decisions.run(press) for press in presses))
    (turn,) = bench.turns
    approval = await bench.approvals.get(approval_id)
    assert approval is not None
    assert turn.preset == CarryOut(approval_id, approved=approval.state is ApprovalState.APPROVED)
    told = {"by": approval.decided_by, "state": str(approval.state)}
    assert [(code, params) for _, code, params, _ in bench.whispers.said] == [("approval.already_decided", told)] * 49


async def test_who_may_not_decide_is_told_and_nothing_changes() -> None:
    bench = Bench()
    approval_id = await bench.card(deciders=Deciders(four_eyes=True))
    await bench.decisions.run(bench.press(approval_id, "U1"))
    await bench.decisions.run(bench.press(approval_id, "U_GUEST", approve=False))
    assert [(user, code) for user, code, _, _ in bench.whispers.said] == [
        ("U1", "approval.four_eyes"),
        ("U_GUEST", "approval.not_yours"),
    ]
    assert bench.inbox.items == []
    approval = await bench.approvals.get(approval_id)
    assert approval is not None
    assert approval.state is ApprovalState.PENDING


async def test_a_mark_on_the_card_decides_and_one_elsewhere_is_nobodys_business() -> None:
    bench = Bench()
    approval_id = await bench.card()
    mark: dict[str, Any] = {"approve": False, "thread_ts": None, "language": None}
    await bench.decisions.run(bench.press(None, card_ts="9.9", **mark))
    assert (bench.inbox.items, bench.whispers.said) == ([], [])
    await bench.decisions.run(bench.press(None, card_ts="2.0", **mark))
    assert [turn.preset for turn in bench.turns] == [CarryOut(approval_id, approved=False)]
    await bench.decisions.run(bench.press(None, "U3", card_ts="2.0", **mark))
    assert [(user, code, language) for user, code, _, language in bench.whispers.said] == [
        ("U3", "approval.already_decided", "ko")
    ]


async def test_an_id_from_another_channel_decides_nothing() -> None:
    bench = Bench()
    approval_id = await bench.card()
    await bench.decisions.run(bench.press(approval_id, channel="C2"))
    await bench.decisions.run(bench.press("approval-of-nobody"))
    assert [code for _, code, _, _ in bench.whispers.said] == ["approval.unknown"] * 2
    assert bench.inbox.items == []


async def test_after_its_time_a_press_counts_no_more_and_the_card_says_so() -> None:
    bench = Bench()
    approval_id = await bench.card()
    bench.now += timedelta(hours=2)
    await bench.decisions.run(bench.press(approval_id))
    assert [code for _, code, _, _ in bench.whispers.said] == ["approval.expired"]
    assert bench.inbox.items == []
    await bench.sweep(replicas=2)
    (item,) = bench.inbox.items
    assert isinstance(item, CardOutdated)
    await bench.cards.run(item)
    assert bench.faces.shown == [("C1", "2.0", "expired")]
    assert await bench.approvals.outdated_cards(10) == ()


async def test_the_sweep_survives_an_outage() -> None:
    bench = Bench()
    await bench.card()
    bench.now += timedelta(hours=2)
    bench.inbox.failures = 2
    await bench.sweep(replicas=1)
    assert bench.inbox.puts >= 3


async def test_a_card_waits_until_slack_takes_it_and_is_left_when_nobody_will_try_again() -> None:
    bench = Bench()
    approval_id = await bench.card()
    await bench.approvals.decide(approval_id, "U2", approve=True)
    (approval,) = await bench.approvals.outdated_cards(10)
    item = card_outdated(approval, Decimal(5))
    bench.faces.error = ConnectionError("slack is down")
    with pytest.raises(ConnectionError):
        await bench.cards.run(item)
    assert len(await bench.approvals.outdated_cards(10)) == 1
    await bench.cards.give_up(item)
    assert await bench.approvals.outdated_cards(10) == ()


async def test_a_card_that_was_decided_while_it_was_posted_is_caught_up() -> None:
    bench = Bench()
    approval_id = await bench.card()
    item = TurnRequested(
        dedupe_key=TURN, conversation=CONVERSATION, spoken_at=Decimal(1), team="T1", channel="C1",
        thread_ts="1.0", user="U1", text="revenue by day?", surface="channel",
    )  # fmt: skip
    await bench.cards.catch_up(item)
    assert bench.faces.shown == []
    await bench.approvals.decide(approval_id, "U2", approve=False)
    await bench.cards.catch_up(item)
    assert bench.faces.shown == [("C1", "2.0", "denied")]


async def test_a_twin_runs_its_own_statement_for_who_pressed_it() -> None:
    bench = Bench()
    await bench.card()
    item = TwinRequested(
        dedupe_key="click:9", conversation="control:x", spoken_at=Decimal(5), turn_id=TURN, index=0,
        target=CONVERSATION, team="T1", channel="C1", thread_ts="1.0", user="U2",
    )  # fmt: skip
    await bench.twins.run(item)
    await bench.twins.run(item)
    (turn,) = bench.turns
    title = "Revenue by day (a random 10 % of shop.orders: counts and sums come out that much smaller)"
    assert turn.preset == RunSql("SELECT 2", title=title)
    assert (turn.user, turn.conversation, turn.text) == ("U2", CONVERSATION, title)
    for wrong in ({"index": 1}, {"channel": "C2"}, {"turn_id": "nobody's"}):
        await bench.twins.run(item.model_copy(update=wrong))
    assert [code for _, code, _, _ in bench.whispers.said] == ["approval.unknown"] * 3
    reply = bench.replies.rows[TURN]
    assert reply.answer is not None
    assert decode_answer(reply.answer).twins[0].sql == "SELECT 2"
