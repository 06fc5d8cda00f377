"""What the asker alone may see: sent once, found again after a crash, said in the thread whatever became of it."""

from dataclasses import dataclass, field, replace

import pytest

from agent.turn import Answer
from bot.asides import AsideService, private_id
from bot.replies import Reply, encode_answer
from bot.surface import Place
from tests.fakes.replies import FakeReplies

PLACE = Place("message:T1:C1:1.0", "T1:C1:1.0", "C1", "1.0", "U1", 1.0, "ko", pressed="how many?")
FULLER = Answer("message:T1:C1:1.0", "ko", None, text="all of it", sql="SELECT name FROM shop.customers")
ANSWER = Answer("message:T1:C1:1.0", "ko", None, text="a part", fuller=FULLER)


@dataclass
class FakeDirect:
    """A direct message channel that may be closed, refuse a post, or lose the answer to one."""

    channel: str | None = "D1"
    refuses: bool = False
    loses_answers: int = 0
    sent: list[tuple[Place, Answer]] = field(default_factory=list[tuple[Place, Answer]])
    found: int = 0

    async def open(self, user: str) -> str | None:
        return self.channel

    async def send(self, place: Place, answer: Answer, *, asked_in: Place, may_exist: bool) -> str | None:
        if self.refuses:
            return None
        if may_exist and self.sent:
            self.found += 1
            return "7.7"
        self.sent.append((place, answer))
        if self.loses_answers:
            self.loses_answers -= 1
            raise ConnectionError("posted, and nobody heard")
        return "7.7"


@dataclass
class Bench:
    replies: FakeReplies = field(default_factory=FakeReplies)
    direct: FakeDirect = field(default_factory=FakeDirect)

    async def deliver(self, answer: Answer = ANSWER) -> list[str]:
        """The notices of the room's version."""
        service = AsideService(replies=self.replies, direct=self.direct)
        shown = await service.deliver(PLACE, answer)
        assert shown.fuller is None
        assert shown.text == answer.text
        return [notice.code for notice in shown.notices]


async def test_an_answer_that_all_may_see_goes_nowhere_else() -> None:
    bench = Bench()
    assert await bench.deliver(replace(ANSWER, fuller=None)) == []
    assert (bench.direct.sent, bench.replies.rows) == ([], {})


async def test_the_fuller_answer_goes_to_the_asker_and_the_room_is_told_that_it_did() -> None:
    bench = Bench()
    assert await bench.deliver() == ["private.sent"]
    ((place, answer),) = bench.direct.sent
    assert (place.channel, place.thread_ts, place.conversation, place.pressed) == ("D1", None, "T1:D1", "")
    assert (answer.text, answer.sql) == (FULLER.text, FULLER.sql)


async def test_its_buttons_name_a_row_of_its_own_that_stands_in_the_direct_message() -> None:
    bench = Bench()
    await bench.deliver()
    ((_, answer),) = bench.direct.sent
    assert answer.turn_id == private_id(PLACE.turn_id)
    assert bench.replies.rows[answer.turn_id] == Reply(
        answer.turn_id, "T1:D1", "D1", None, ts="7.7", answer=encode_answer(answer), asked_by="U1"
    )


async def test_a_redelivered_turn_sends_it_once() -> None:
    bench = Bench()
    assert [await bench.deliver() for _ in range(3)] == [["private.sent"]] * 3
    assert len(bench.direct.sent) == 1


async def test_a_crash_between_post_and_row_sends_it_once() -> None:
    bench = Bench(direct=FakeDirect(loses_answers=1))
    with pytest.raises(ConnectionError):
        await bench.deliver()
    assert await bench.deliver() == ["private.sent"]
    assert (len(bench.direct.sent), bench.direct.found) == (1, 1)


@pytest.mark.parametrize("direct", [FakeDirect(channel=None), FakeDirect(refuses=True)])
async def test_a_direct_message_that_cannot_be_sent_is_said_in_the_room(direct: FakeDirect) -> None:
    assert await Bench(direct=direct).deliver() == ["private.refused"]


async def test_the_last_attempt_leaves_the_room_its_answer_whatever_becomes_of_the_private_one() -> None:
    bench = Bench(direct=FakeDirect(loses_answers=1))
    shown = await AsideService(replies=bench.replies, direct=bench.direct).deliver(PLACE, ANSWER, is_last=True)
    assert [notice.code for notice in shown.notices] == ["private.refused"]


async def test_what_slack_refused_is_sent_once_it_lets_it_through() -> None:
    bench = Bench(direct=FakeDirect(refuses=True))
    await bench.deliver()
    bench.direct.refuses = False
    assert await bench.deliver() == ["private.sent"]
