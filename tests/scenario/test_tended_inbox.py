"""A question that an operator drops and then brings back, with the model behind a company's gateway (LAAS_*)."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from bot.storage.database import open_database
from bot.storage.inbox_desk import InboxDesk, State
from tests.scenario.house import House, open_house

pytestmark = pytest.mark.asyncio(loop_scope="module")

QUESTION, ANSWER = "How many orders were placed in 2025?", "2,442"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house(
    tmp_path_factory: pytest.TempPathFactory, postgres_uri: str, googlesql_cache: Path
) -> AsyncIterator[House]:
    async with open_house(tmp_path_factory.mktemp("house"), postgres_uri, googlesql_cache) as house:
        for name in ("BASE_URL", "API_KEY"):
            house.environ[f"LAAS_{name}"] = house.environ.pop(f"OPENAI_{name}")
        await house.start_daemon()
        yield house


async def in_state(desk: InboxDesk, state: State) -> str:
    """The key of the item in *state*, once there is one."""
    async with asyncio.timeout(60):
        while not (lines := await desk.lines([state], limit=1)):  # noqa: ASYNC110  # the daemon is another process
            await asyncio.sleep(0.05)
    return lines[0].key


async def test_who_asked_is_told_of_a_drop_and_gets_the_answer_in_its_place_after_a_retry(house: House):
    async with open_database(house.environ["DATABASE_URL"]) as database:
        desk = InboxDesk(database)
        house.bigquery.delay_seconds = 120.0  # until it is stopped
        try:
            thread = await house.ask(QUESTION)
            await house.until(lambda: house.billed_jobs)
            second = await house.ask(QUESTION, thread=thread)
            item = await in_state(desk, "waiting")
            assert second in item
            assert await desk.drop(item, by="ann") == "moved"
            (running,) = house.workspace.answers("C0GENERAL", thread)[:1]
            await house.workspace.click("U0ANA", running["ts"], "C0GENERAL", "stop")
            (told,) = await house.until(lambda: answers(house, thread, "out of the queue"))
        finally:
            house.bigquery.delay_seconds = 0.0
        assert await in_state(desk, "failed") == item
        assert house.daemon.named("turn.gave_up") == []

        assert await desk.retry(item) == "moved"
        (answer,) = await house.until(lambda: answers(house, thread, ANSWER))
        assert answer["ts"] == told["ts"]


def answers(house: House, thread: str, words: str) -> list[dict[str, Any]]:
    return [message for message in house.workspace.answers("C0GENERAL", thread) if words in message["text"]]
