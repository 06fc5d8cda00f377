"""Who is named to decide and cannot see the card is told of it: once, whatever is tried again."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Literal

import pytest

from agent.notice import Notice
from agent.policy.approvals import ApprovalRequest
from agent.policy.deciders import Deciders
from agent.turn import Action, Answer, Audience, Route
from bot.approvals.calls import CallService
from bot.approvals.cards import CardService
from bot.inbox.items import TurnRequested
from bot.replies import Reply, encode_answer
from bot.surface import Person, Place
from tests.fakes.approvals import FakeApprovals
from tests.fakes.replies import FakeReplies

TURN, CONVERSATION = "message:T1:C1:1.0", "T1:C1:1.0"
ITEM = TurnRequested(
    dedupe_key=TURN, conversation=CONVERSATION, spoken_at=Decimal(1), team="T1", channel="C1", thread_ts="1.0",
    user="U1", text="revenue by day?", surface="channel",
)  # fmt: skip


class Rooms:
    """U2 is in every channel, nobody else."""

    async def audience(self, channel: str, user: str, *, kind: Literal["asker", "channel"]) -> Audience:
        return Audience(kind, channel)

    async def is_shared(self, channel: str) -> bool:
        return False

    async def holds(self, channel: str, user: str) -> bool:
        return user == "U2" or channel.startswith("D")


class People:
    async def find(self, user: str) -> Person:
        return Person("ko-KR", "Asia/Seoul")


@dataclass
class Direct:
    """Direct messages; the answer to the next posts may be lost, and some people take none."""

    loses_answers: int = 0
    sent: list[tuple[Place, Notice]] = field(default_factory=list[tuple[Place, Notice]])

    async def open(self, user: str) -> str | None:
        return None if user == "UGONE" else f"D{user}"

    async def tell(self, place: Place, notice: Notice, *, may_exist: bool) -> str | None:
        if may_exist and any(place == standing for standing, _ in self.sent):
            return "7.7"
        self.sent.append((place, notice))
        if self.loses_answers:
            self.loses_answers -= 1
            raise ConnectionError("posted, and nobody heard")
        return "7.7"


class Faces:
    async def show(self, channel: str, ts: str, answer: Answer) -> None:
        return


class Bench:
    def __init__(self) -> None:
        self.approvals, self.replies, self.direct = FakeApprovals(), FakeReplies(), Direct()
        calls = CallService(
            approvals=self.approvals, replies=self.replies, rooms=Rooms(), people=People(), direct=self.direct
        )
        self.cards = CardService(
            approvals=self.approvals, states=self.approvals, replies=self.replies, faces=Faces(), calls=calls
        )

    async def posts_card(self, deciders: Deciders, channel: str = "C1") -> str:
        request = ApprovalRequest(
            turn_id=TURN, conversation=CONVERSATION, requester="U1", question="revenue by day?", sql="SELECT 1",
            fingerprint="f", tables=(), bytes_ceiling=1, cost_ceiling_usd=1.0, reasons=(),
            expires_at=datetime.now(UTC) + timedelta(hours=1), deciders=deciders,
        )  # fmt: skip
        approval_id = await self.approvals.request(request)
        answer = Answer(TURN, "en", Route(Action.SQL_GENERATE, 1.0, ""), approval_id=approval_id)
        await self.replies.keep_place(Reply(TURN, CONVERSATION, channel, "1.0", ts="2.0"))
        await self.replies.keep_answer(TURN, encode_answer(answer))
        return approval_id

    @property
    def called(self) -> list[str]:
        return [place.user for place, _ in self.direct.sent]


@pytest.mark.parametrize(
    ("deciders", "channel", "called"),
    [
        (Deciders(named=("U2", "U3", "U4")), "C1", ["U3", "U4"]),
        (Deciders(named=("U1", "U2")), "D1", ["U2"]),
        (Deciders(named=("U2",), budget_owner="U5"), "C1", ["U5"]),
        (Deciders(named=("finance", "S0FIN", "UGONE")), "C1", []),
        (Deciders(), "C1", []),
    ],
)
async def test_who_is_named_and_not_there_is_called(deciders: Deciders, channel: str, called: list[str]) -> None:
    bench = Bench()
    await bench.posts_card(deciders, channel)
    await bench.cards.catch_up(ITEM)
    assert bench.called == called


async def test_a_call_says_who_asks_in_the_language_of_who_is_called_and_is_made_once() -> None:
    bench = Bench()
    bench.direct.loses_answers = 1
    await bench.posts_card(Deciders(named=("U3", "U4")))
    for _ in range(3):  # a crash before the turn was completed, twice
        await bench.cards.catch_up(ITEM)
    assert bench.called == ["U3", "U4"]
    place, notice = bench.direct.sent[0]
    assert (place.channel, place.conversation, place.thread_ts, place.language) == ("DU3", "T1:DU3", None, "ko")
    assert (notice.code, notice.params["by"]) == ("approval.your_word", "U1")


async def test_nobody_is_called_to_what_was_decided_meanwhile() -> None:
    bench = Bench()
    approval_id = await bench.posts_card(Deciders(named=("U3",)))
    await bench.approvals.decide(approval_id, "U3", approve=True)
    await bench.cards.catch_up(ITEM)
    assert bench.called == []
