"""Run again: whose question it is, and where it is none."""

from decimal import Decimal

import pytest

from agent.notice import Notice
from agent.turn import Answer, Language, Member, RunSql
from bot.inbox.items import RunAgainRequested, TurnRequested
from bot.replies import Reply, encode_answer
from bot.run_again import RunAgainService
from bot.shown_answer import ShownAnswers
from tests.fakes.inbox import FakeInbox
from tests.fakes.replies import FakeReplies
from tests.fakes.rooms import FakeRooms


class Whispers:
    def __init__(self) -> None:
        self.said: list[tuple[str, str]] = []

    async def whisper(
        self, channel: str, user: str, notice: Notice, language: Language, *, thread_ts: str | None = None
    ) -> None:
        self.said.append((user, notice.code))


def pressed(user: str = "U2", turn_id: str = "turn-1") -> RunAgainRequested:
    return RunAgainRequested(
        dedupe_key="click:1", conversation="control:again:T1:C1:1", spoken_at=Decimal(9), turn_id=turn_id,
        target="T1:C1:1", team="T1", channel="C1", thread_ts="1", user=user, pressed_on="1.1",
    )  # fmt: skip


async def press(item: RunAgainRequested, answer: Answer) -> tuple[FakeInbox, Whispers]:
    replies, inbox, whispers = FakeReplies(), FakeInbox(), Whispers()
    await replies.keep_place(Reply("turn-1", "T1:C1:1", "C1", "1", ts="1.1"))
    await replies.keep_answer("turn-1", encode_answer(answer))
    shown = ShownAnswers(replies=replies, rooms=FakeRooms({"C1": (Member("U1"), Member("U2"))}))
    await RunAgainService(shown=shown, inbox=inbox, whispers=whispers).run(item)
    return inbox, whispers


ANSWER = Answer("turn-1", "en", None, text="Orders by month", sql="SELECT 1", ran_at=1.0)


async def test_the_statement_is_the_pressers_own_question_and_takes_nothing_from_the_cache() -> None:
    inbox, whispers = await press(pressed(), ANSWER)
    [turn] = inbox.items
    assert isinstance(turn, TurnRequested)
    assert turn.preset == RunSql("SELECT 1", title="Orders by month", is_fresh=True)
    assert (turn.user, turn.conversation, turn.thread_ts, turn.pressed_on) == ("U2", "T1:C1:1", "1", "1.1")
    assert (turn.dedupe_key, turn.text) == ("again:click:1", "Run again: Orders by month")
    assert whispers.said == []


@pytest.mark.parametrize(
    ("item", "answer", "code"),
    [
        (pressed("U9"), ANSWER, "run_again.refused"),
        (pressed(turn_id="turn-9"), ANSWER, "run_again.missing"),
        (pressed(), Answer("turn-1", "en", None, text="Hello"), "run_again.missing"),
    ],
)
async def test_what_cannot_be_run_again_is_said_to_who_pressed(
    item: RunAgainRequested, answer: Answer, code: str
) -> None:
    inbox, whispers = await press(item, answer)
    assert (inbox.items, whispers.said) == ([], [(item.user, code)])
