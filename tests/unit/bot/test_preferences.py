"""What people chose reaches whoever asks who they are, and never keeps them from being found."""

from agent.turn import Preferences
from bot.preferences import PeopleWithPreferences
from bot.surface import Person
from tests.fakes.preferences import FakePreferences

SLACK_SAYS = Person("ko-KR", "Asia/Seoul")


class Slack:
    async def find(self, user: str) -> Person:
        return SLACK_SAYS


async def test_what_somebody_chose_stands_over_what_slack_knows() -> None:
    store = FakePreferences()
    store.rows["U1"] = Preferences(language="ja", time_zone="Europe/Paris")
    person = await PeopleWithPreferences(Slack(), store).find("U1")
    assert (person.locale, person.time_zone) == ("ja-JP", "Europe/Paris")
    assert person.language_for("How many orders?") == "ja"


async def test_who_chose_nothing_is_as_slack_knows_them_and_answered_as_they_ask() -> None:
    person = await PeopleWithPreferences(Slack(), FakePreferences()).find("U1")
    assert person == SLACK_SAYS
    assert (person.language_for("How many orders?"), person.language_for("42")) == ("en", "ko")


async def test_settings_that_cannot_be_read_are_none() -> None:
    store = FakePreferences()
    store.error = ConnectionError("Postgres is away")
    assert await PeopleWithPreferences(Slack(), store).find("U1") == SLACK_SAYS
