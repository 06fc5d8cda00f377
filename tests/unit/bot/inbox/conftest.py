"""Logs are captured: a renderer would read source files for a traceback, on the event loop."""

from collections.abc import Iterator

import pytest
import structlog


@pytest.fixture(autouse=True)
def _captured_logs() -> Iterator[None]:
    with structlog.testing.capture_logs():
        yield
