"""What runs beside the app."""

import asyncio
from contextlib import AsyncExitStack

from structlog.testing import capture_logs

from bot.kept_work import keep


async def fail() -> None:
    raise RuntimeError("a mistake of ours")


async def wait_for_ever() -> None:
    await asyncio.Event().wait()


async def test_work_that_fails_is_told_at_once_and_work_that_is_ended_is_not() -> None:
    with capture_logs() as logs:
        async with AsyncExitStack() as stack:
            keep(stack, "looks", fail())
            keep(stack, "listens", wait_for_ever())
            async with asyncio.timeout(30):
                while not logs:  # noqa: ASYNC110  # nobody else says when a callback has run
                    await asyncio.sleep(0)
            assert [(line["event"], line["task"]) for line in logs] == [("background.failed", "looks")]
    assert len(logs) == 1
