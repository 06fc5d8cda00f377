"""Questions that wait are told their place, once each."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from decimal import Decimal

import pytest

from bot.channel_rules import ChannelRules
from bot.inbox.items import TurnRequested
from bot.queue_signs import QueueSigns, Waiting
from bot.surface import Person, Place


def turn(key: str, *, addressed: bool = True, channel: str = "C1", external: bool = False) -> TurnRequested:
    return TurnRequested(
        dedupe_key=key,
        conversation=key,
        spoken_at=Decimal(1),
        team="T1",
        channel=channel,
        thread_ts="1.0",
        user="U1",
        text="주문은 몇 건이었나요?" if key == "korean" else "how many orders?",
        surface="channel",
        addressed=addressed,
        external=external,
    )


class FakeLine:
    def __init__(self) -> None:
        self.items: list[TurnRequested] = []
        self.failures = 0
        self.looks = 0

    async def waiting(self, limit: int) -> list[Waiting]:
        self.looks += 1
        if self.failures:
            self.failures -= 1
            raise ConnectionError("the database is away")
        return [Waiting(item, position) for position, item in enumerate(self.items, 1)][:limit]


class FakeSigns:
    def __init__(self) -> None:
        self.shown: list[tuple[Place, int]] = []

    async def show_queued(self, place: Place, position: int) -> None:
        if place.turn_id == "stuck":
            await asyncio.Event().wait()
        if place.turn_id == "broken":
            raise ConnectionError("the row was not written")
        self.shown.append((place, position))

    @property
    def told(self) -> list[tuple[str, int]]:
        return [(place.turn_id, position) for place, position in self.shown]


class Strangers:
    async def find(self, user: str) -> Person:
        return Person()


class Bench:
    def __init__(self) -> None:
        self.line, self.surface = FakeLine(), FakeSigns()
        self.signs = QueueSigns(
            line=self.line, surface=self.surface, people=Strangers(), rules=ChannelRules(only=frozenset({"C1"}))
        )

    async def until(self, look: Callable[[], bool]) -> None:
        async with asyncio.timeout(20):
            while not look():  # noqa: ASYNC110  # fakes announce nothing
                await asyncio.sleep(0.01)

    async def looked(self) -> None:
        """One look more."""
        looks = self.line.looks
        self.signs.look()
        await self.until(lambda: self.line.looks > looks)


@pytest.fixture(name="b")
async def bench() -> AsyncGenerator[Bench]:
    b = Bench()
    async with running(b):
        yield b


@asynccontextmanager
async def running(b: Bench) -> AsyncGenerator[None]:
    task = asyncio.create_task(b.signs.run(), name="queue-signs")
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_each_is_told_its_place_once(b: Bench) -> None:
    b.line.items = [turn("a"), turn("korean")]
    await b.looked()
    await b.until(lambda: len(b.surface.shown) == 2)
    b.line.items = [turn("korean"), turn("c")]
    await b.looked()
    await b.until(lambda: len(b.surface.shown) == 3)
    assert b.surface.told == [("a", 1), ("korean", 2), ("c", 2)]
    assert [place.language for place, _ in b.surface.shown] == ["en", "ko", "en"]


async def test_nothing_is_said_where_the_answer_may_be_silence(b: Bench) -> None:
    b.line.items = [
        turn("overheard", addressed=False),
        turn("another company's", external=True),
        turn("left out", channel="C2"),
        turn("a"),
    ]
    await b.looked()
    await b.until(lambda: b.surface.told == [("a", 4)])


async def test_a_database_that_is_away_is_asked_again_at_the_next_look(b: Bench) -> None:
    b.line.items = [turn("a")]
    b.line.failures = 1
    await b.looked()
    assert b.surface.shown == []
    await b.looked()
    await b.until(lambda: b.surface.told == [("a", 1)])


async def test_one_that_cannot_be_told_keeps_nobody_waiting(b: Bench) -> None:
    b.line.items = [turn("stuck"), turn("broken")]
    await b.looked()
    b.line.items = [turn("a")]
    await b.looked()
    await b.until(lambda: b.surface.told == [("a", 1)])
