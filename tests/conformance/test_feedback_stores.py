"""What every `FeedbackStore` promises, on the fake and on Postgres."""

import pytest

from bot.feedback import Feedback, FeedbackStore
from tests.fakes.feedback import FakeFeedback


@pytest.fixture
def memory_feedback() -> FeedbackStore:
    return FakeFeedback()


@pytest.fixture(params=["memory_feedback", "postgres_feedback"])
def store(request: pytest.FixtureRequest) -> FeedbackStore:
    return request.getfixturevalue(request.param)


async def test_the_last_word_of_each_person_stands(store: FeedbackStore) -> None:
    assert await store.of_turn("t1") == ()
    await store.keep(Feedback("t1", "U2", "bad"))
    await store.keep(Feedback("t1", "U1", "good"))
    await store.keep(Feedback("t2", "U1", "bad"))
    last = Feedback("t1", "U2", "bad", "wrong_numbers", "숫자가 <틀려요>")
    await store.keep(last)
    assert await store.of_turn("t1") == (Feedback("t1", "U1", "good"), last)
