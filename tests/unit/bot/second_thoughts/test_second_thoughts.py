"""Questions that are edited or deleted, answers that are thrown away."""

from decimal import Decimal

import pytest

from agent.turn import Answer
from bot.inbox.items import DiscardRequested, MessageDeleted, MessageEdited, TurnRequested
from bot.replies import Reply, encode_answer
from bot.second_thoughts.discards import DiscardService
from bot.second_thoughts.edits import DeletionService, EditService
from bot.surface import Person
from tests.fakes.inbox import FakeInbox
from tests.fakes.marks import FakeRemovals
from tests.fakes.replies import FakeReplies
from tests.fakes.whispers import FakeWhispers
from tests.inbox_items import turn


class KoreanPeople:
    async def find(self, user: str) -> Person:
        return Person("ko-KR", "Asia/Seoul")


class Desk:
    def __init__(self) -> None:
        self.inbox, self.replies, self.removals = FakeInbox(), FakeReplies(), FakeRemovals()
        self.whispers, people = FakeWhispers(), KoreanPeople()
        self.edits = EditService(inbox=self.inbox, replies=self.replies, people=people, whispers=self.whispers)
        self.deletions = DeletionService(inbox=self.inbox, replies=self.replies, removals=self.removals)
        self.discards = DiscardService(
            replies=self.replies,
            removals=self.removals,
            attachments=self.removals,
            people=people,
            whispers=self.whispers,
        )

    async def edit(self, text: str, *, addressed: bool = True) -> None:
        said = turn("q", text=text).model_copy(update={"addressed": addressed})
        await self.edits.run(MessageEdited(dedupe_key="e", conversation="control:q", spoken_at=Decimal(9), turn=said))

    async def delete(self) -> None:
        item = MessageDeleted(dedupe_key="d", conversation="control:q", spoken_at=Decimal(9), turn_id="q")
        await self.deletions.run(item)

    async def discard(self, user: str, ts: str = "1.5") -> None:
        item = DiscardRequested(
            dedupe_key="x", conversation="control:x", spoken_at=Decimal(9), channel="C1", ts=ts, user=user
        )
        await self.discards.run(item)

    async def reply(self, asked_by: str | None = "U1") -> None:
        await self.replies.keep_place(Reply("q", "T1:C1:1.0", "C1", "1.0", ts="1.5", asked_by=asked_by))
        await self.replies.keep_answer("q", encode_answer(Answer("q", "en", None, text="42")))

    @property
    def question(self) -> str:
        (item,) = self.inbox.items
        assert isinstance(item, TurnRequested)
        return item.text


async def test_the_newest_words_count_until_somebody_begins_to_answer() -> None:
    desk = Desk()
    await desk.inbox.put(turn("q", text="how many odrers?"))
    await desk.edit("how many orders?")
    assert desk.question == "how many orders?"
    assert desk.whispers.said == []


async def test_an_edit_that_comes_too_late_is_said_to_its_author() -> None:
    desk = Desk()
    await desk.inbox.put(turn("q", text="주문은 몇 건?"))
    await desk.inbox.claim(1)
    await desk.reply()
    await desk.edit("매출은 얼마?")
    assert desk.question == "주문은 몇 건?"
    assert desk.whispers.said == [("C1", "U1", "edit.too_late", "ko")]


async def test_an_edit_may_be_what_first_calls_us() -> None:
    desk = Desk()
    await desk.edit("how many orders?")
    assert desk.question == "how many orders?"


async def test_talk_between_people_that_is_edited_is_nothing_to_us() -> None:
    desk = Desk()
    await desk.edit("lunch at one", addressed=False)
    assert desk.inbox.items == []
    await desk.inbox.put(turn("q", text="lunch at noon"))
    await desk.inbox.claim(1)
    await desk.edit("lunch at one", addressed=False)
    assert desk.whispers.said == []


async def test_a_deleted_question_that_nobody_has_begun_is_not_answered() -> None:
    desk = Desk()
    await desk.inbox.put(turn("q"))
    await desk.reply()  # it says that the question is queued
    await desk.delete()
    assert await desk.inbox.claim(1) == []
    assert desk.removals.removed == [("C1", "1.5")]


async def test_a_deleted_question_that_is_begun_goes_on() -> None:
    desk = Desk()
    await desk.inbox.put(turn("q"))
    await desk.inbox.claim(1)
    await desk.reply()
    await desk.delete()
    assert desk.inbox["q"].status == "running"
    assert desk.removals.removed == []


async def test_who_asked_throws_the_answer_away_and_nothing_is_kept_of_it() -> None:
    desk = Desk()
    await desk.reply()
    await desk.discard("U1")
    assert desk.removals.removed == [("below", "1.5"), ("C1", "1.5")]
    assert desk.replies.rows["q"].answer is None


@pytest.mark.parametrize("asked_by", ["U2", None])
async def test_nobody_else_does(asked_by: str | None) -> None:
    desk = Desk()
    await desk.reply(asked_by)
    await desk.discard("U1")
    assert desk.removals.removed == []
    assert desk.whispers.said == [("C1", "U1", "discard.not_yours", "ko")]


async def test_what_is_no_answer_is_left_alone() -> None:
    desk = Desk()
    await desk.reply()
    await desk.discard("U1", ts="7.7")
    assert (desk.removals.removed, desk.whispers.said) == ([], [])
