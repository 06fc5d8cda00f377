import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from agent.sql.googlesql.engine import Engine
from agent.sql.googlesql.module_cache import compile_module, default_cache_dir


@pytest.fixture(scope="session")
def googlesql_cache() -> Path:
    """The user's own cache: the module is compiled once per machine, not once per test run."""
    cache_dir = default_cache_dir(os.environ)
    compile_module(cache_dir)
    return cache_dir


@pytest.fixture(scope="module")
def engine(googlesql_cache: Path) -> Iterator[Engine]:
    opened = Engine(googlesql_cache)
    yield opened
    opened.close()
