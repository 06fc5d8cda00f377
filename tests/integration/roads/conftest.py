"""One bench for all conversations; memory in the process and in Postgres."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from agent.analyst import Savers
from agent.memory_savers import MemorySavers
from bot.storage.checkpoints import open_savers
from tests.roads_bench import Bench, open_bench


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def bench(googlesql_cache: Path, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Bench]:
    async with open_bench(googlesql_cache, tmp_path_factory.mktemp("key")) as bench:
        yield bench


@pytest.fixture(params=["memory", "postgres"])
def checkpoint_url(request: pytest.FixtureRequest) -> str | None:
    return request.getfixturevalue("database_url") if request.param == "postgres" else None


@pytest_asyncio.fixture(loop_scope="session")
async def savers(checkpoint_url: str | None) -> AsyncIterator[Savers]:
    if checkpoint_url is None:
        yield MemorySavers()
        return
    async with open_savers(checkpoint_url, workers=1) as savers:
        yield savers
