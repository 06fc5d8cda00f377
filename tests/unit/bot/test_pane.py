"""What the agent pane offers: a person's own questions first, never one with a placeholder in it."""

from datetime import UTC, datetime
from decimal import Decimal

from bot.home.contents import RecentQuestion
from bot.home.pane import PaneService, Prompts
from bot.inbox.items import PaneOpened
from bot.surface import Person

AT = datetime(2026, 1, 5, tzinfo=UTC)
OPENED = PaneOpened(
    dedupe_key="event:1", conversation="control:pane:T1:U1", spoken_at=Decimal(1), team="T1", channel="D1", user="U1"
)


class Asked:
    def __init__(self, *texts: str) -> None:
        self._texts = texts

    async def recent(self, user: str, limit: int) -> tuple[RecentQuestion, ...]:
        return tuple(RecentQuestion(text, AT, "C1", "1.0") for text in self._texts)[:limit]


class People:
    async def find(self, user: str) -> Person:
        return Person("ja-JP")


class Panes:
    def __init__(self) -> None:
        self.suggested: list[tuple[str, Prompts]] = []

    async def suggest(self, channel: str, prompts: Prompts) -> None:
        self.suggested.append((channel, prompts))


async def opened(*texts: str, suggested: tuple[str, ...] = ()) -> Prompts:
    panes = Panes()
    service = PaneService(questions=Asked(*texts), people=People(), panes=panes, suggested=suggested)
    await service.run(OPENED)
    ((channel, prompts),) = panes.suggested
    assert channel == "D1"
    return prompts


async def test_the_last_two_questions_that_can_be_asked_again_come_before_what_the_operator_offers() -> None:
    prompts = await opened("who is <EMAIL_1>?", "a" * 500, "one?", "two?", "three?", suggested=("Revenue today?",))
    assert prompts == Prompts("ja", ("one?", "two?"), ("Revenue today?",))


async def test_who_never_asked_is_offered_what_there_is() -> None:
    assert await opened() == Prompts("ja", (), ())
