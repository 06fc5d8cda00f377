"""A Postgres for whoever needs one: `database_url`, `database`."""

from collections.abc import Iterator

import pytest
import structlog

from tests.postgres import database, database_url, open_folder, postgres

__all__ = ["database", "database_url", "open_folder", "postgres"]


@pytest.fixture(autouse=True)
def _captured_logs() -> Iterator[None]:
    """A renderer would read source files for a traceback, on the event loop."""
    with structlog.testing.capture_logs():
        yield
