"""What every `OutageBook` promises, on the fake and on Postgres."""

import asyncio
from datetime import timedelta

import pytest

from bot.outages.book import OutageBook
from tests.fakes.outages import FakeOutageBook


@pytest.fixture
def memory_book() -> OutageBook:
    return FakeOutageBook()


@pytest.fixture(params=["memory_book", "postgres_outage_book"])
def book(request: pytest.FixtureRequest) -> OutageBook:
    return request.getfixturevalue(request.param)


async def test_of_many_who_see_an_outage_one_tells_of_it_and_one_of_its_end(book: OutageBook) -> None:
    seen = await asyncio.gather(*(book.keep_open("model") for _ in range(5)))
    assert sorted(seen) == [False] * 4 + [True]
    closed = await asyncio.gather(*(book.close("model") for _ in range(5)))
    (told,) = [outage for outage in closed if outage is not None]
    assert told.what == "model"
    assert await book.keep_open("model")


async def test_what_is_still_seen_stays_open_and_what_nobody_sees_is_closed_once(book: OutageBook) -> None:
    await book.keep_open("model")
    await book.keep_open("queue")
    assert await book.close_unseen(timedelta(hours=1)) == []
    assert {outage.what for outage in await book.close_unseen(timedelta(0))} == {"model", "queue"}
    assert await book.close_unseen(timedelta(0)) == []
    assert await book.close("model") is None
