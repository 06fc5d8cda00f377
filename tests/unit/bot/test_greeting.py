"""Hello, once for each person."""

from decimal import Decimal

from bot.home.greeting import GreetingService
from bot.inbox.items import PaneOpened
from bot.replies import Reply
from bot.surface import Person, Place
from tests.fakes.replies import FakeReplies

OPENED = PaneOpened(
    dedupe_key="event:1", conversation="control:pane:T1:U1", spoken_at=Decimal(1700), team="T1", channel="D1", user="U1"
)


class JapanesePeople:
    async def find(self, user: str) -> Person:
        return Person("ja-JP")


class FakeGreetings:
    def __init__(self, replies: FakeReplies) -> None:
        self.replies = replies
        self.said: list[tuple[str, str, bool]] = []

    async def greet(self, place: Place, *, may_exist: bool) -> None:
        self.said.append((place.channel, place.language, may_exist))
        await self.replies.keep_place(Reply(place.turn_id, place.conversation, place.channel, None, ts="1.5"))


def desk() -> tuple[GreetingService, FakeGreetings]:
    replies = FakeReplies()
    greetings = FakeGreetings(replies)
    return GreetingService(replies=replies, people=JapanesePeople(), greetings=greetings), greetings


async def test_who_opens_the_direct_message_is_greeted_once_in_their_language() -> None:
    service, greetings = desk()
    await service.run(OPENED, attempt=2)
    await service.run(OPENED, attempt=1)
    assert greetings.said == [("D1", "ja", True)]


async def test_where_people_talk_already_nobody_is_greeted() -> None:
    service, greetings = desk()
    await greetings.replies.keep_place(Reply("q", "T1:D1", "D1", None, ts="1.2"))
    await service.run(OPENED, attempt=1)
    assert greetings.said == []
