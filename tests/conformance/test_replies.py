"""What every `Replies` promises, on the fake and on Postgres."""

import pytest

from bot.replies import Replies, Reply, Taken
from tests.fakes.replies import FakeReplies

PLACE = Reply("message:T1:C1:1.0", "T1:C1:1.0", "C1", "1.0", ts="1.5", asked_by="U1")


@pytest.fixture
def memory_replies() -> Replies:
    return FakeReplies()


@pytest.fixture(params=["memory_replies", "postgres_replies"])
def replies(request: pytest.FixtureRequest) -> Replies:
    return request.getfixturevalue(request.param)


async def test_a_place_is_found_again(replies: Replies) -> None:
    assert await replies.find(PLACE.turn_id) is None
    await replies.keep_place(PLACE)
    assert await replies.find(PLACE.turn_id) == PLACE
    assert await replies.find_at("C1", "1.5") == PLACE
    assert await replies.find_at("C2", "1.5") is None


async def test_of_two_places_that_are_taken_the_first_stands(replies: Replies) -> None:
    nowhere_yet = Reply(PLACE.turn_id, PLACE.conversation, "C1", "1.0")
    assert await replies.take_place(nowhere_yet) == Taken(nowhere_yet, is_first=True)
    assert await replies.take_place(PLACE) == Taken(PLACE, is_first=False)
    await replies.keep_answer(PLACE.turn_id, "{}")
    taken = await replies.take_place(Reply(PLACE.turn_id, PLACE.conversation, "D1", None, ts="1.9"))
    assert (taken.reply.channel, taken.reply.ts, taken.reply.answer) == ("C1", "1.5", "{}")
    assert not taken.is_first


async def test_a_plain_dm_has_no_thread(replies: Replies) -> None:
    place = Reply("message:T1:D1:1.0", "T1:D1", "D1", None)
    await replies.keep_place(place)
    assert await replies.find(place.turn_id) == place


async def test_the_last_place_stands_and_the_answer_is_left_alone(replies: Replies) -> None:
    await replies.keep_place(PLACE)
    await replies.keep_answer(PLACE.turn_id, '{"text": "매출 \\u0000", "n": NaN}')
    moved = Reply(PLACE.turn_id, PLACE.conversation, PLACE.channel, PLACE.thread_ts, ts="1.9")
    await replies.keep_place(moved)
    found = await replies.find(PLACE.turn_id)
    assert found is not None
    assert (found.ts, found.answer) == ("1.9", '{"text": "매출 \\u0000", "n": NaN}')


async def test_the_last_answer_stands_byte_for_byte(replies: Replies) -> None:
    await replies.keep_place(PLACE)
    await replies.keep_answer(PLACE.turn_id, "{}")
    await replies.keep_answer(PLACE.turn_id, '{ "b":1,"a" : 2 }')
    found = await replies.find(PLACE.turn_id)
    assert found is not None
    assert found.answer == '{ "b":1,"a" : 2 }'


async def test_an_answer_is_forgotten_and_its_place_is_not(replies: Replies) -> None:
    await replies.keep_place(PLACE)
    await replies.keep_answer(PLACE.turn_id, "{}")
    await replies.forget_answer(PLACE.turn_id)
    assert await replies.find(PLACE.turn_id) == PLACE
    assert await replies.has_joined(PLACE.conversation)


async def test_an_answer_without_a_place_is_an_error(replies: Replies) -> None:
    with pytest.raises(LookupError):
        await replies.keep_answer("message:T1:C1:9.0", "{}")


async def test_a_conversation_is_joined_once_a_reply_stands_in_it(replies: Replies) -> None:
    await replies.keep_place(Reply(PLACE.turn_id, PLACE.conversation, "C1", "1.0"))
    assert not await replies.has_joined(PLACE.conversation)
    await replies.keep_place(PLACE)
    assert await replies.has_joined(PLACE.conversation)
    assert not await replies.has_joined("T1:C1:2.0")
