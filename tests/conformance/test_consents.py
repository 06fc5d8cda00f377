"""What every `Consents` promises, on the fake and on Postgres."""

import pytest

from bot.consents.consents import Consents
from bot.storage.consents import PostgresConsents
from bot.storage.database import Database
from tests.fakes.consents import FakeConsents


@pytest.fixture
def memory_consents() -> Consents:
    return FakeConsents()


@pytest.fixture
def postgres_consents(database: Database) -> Consents:
    return PostgresConsents(database)


@pytest.fixture(params=["memory_consents", "postgres_consents"])
def store(request: pytest.FixtureRequest) -> Consents:
    return request.getfixturevalue(request.param)


async def test_a_channel_is_closed_until_somebody_consents_and_the_first_one_stands(store: Consents) -> None:
    assert await store.given_by("C1") is None
    assert await store.give("C1", "U1") == "U1"
    assert await store.give("C1", "U2") == "U1"
    assert await store.given_by("C1") == "U1"
    assert await store.given_by("C2") is None
