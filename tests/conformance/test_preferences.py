"""What every `PreferenceStore` promises, on the fake and on Postgres."""

import pytest

from agent.turn import Preferences
from bot.preferences import PreferenceStore
from tests.fakes.preferences import FakePreferences

ALL = Preferences(language="ko", time_zone="Asia/Seoul", shown_as="bar")


@pytest.fixture
def memory_preferences() -> PreferenceStore:
    return FakePreferences()


@pytest.fixture(params=["memory_preferences", "postgres_preferences"])
def store(request: pytest.FixtureRequest) -> PreferenceStore:
    return request.getfixturevalue(request.param)


async def test_who_never_chose_has_none_and_the_last_choice_stands_whole(store: PreferenceStore) -> None:
    assert await store.find("U1") == Preferences()
    await store.keep("U1", ALL)
    await store.keep("U2", Preferences(language="ja"))
    assert await store.find("U1") == ALL
    await store.keep("U1", Preferences(shown_as="table"))
    assert await store.find("U1") == Preferences(shown_as="table")
    assert await store.find("U2") == Preferences(language="ja")
