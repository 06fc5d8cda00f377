from collections.abc import Iterator
from pathlib import Path

import pytest

from agent.sql.googlesql.engine import Engine


@pytest.fixture(scope="module")
def engine(googlesql_cache: Path) -> Iterator[Engine]:
    opened = Engine(googlesql_cache)
    yield opened
    opened.close()
