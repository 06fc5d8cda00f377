"""What runs beside the app for as long as it is open. Nobody waits for it, so the log says when it fails before."""

import asyncio
from collections.abc import Coroutine
from contextlib import AsyncExitStack
from typing import Any

import structlog

log = structlog.get_logger(__name__)


def keep(stack: AsyncExitStack, name: str, work: Coroutine[Any, Any, None]) -> None:
    """Run *work* beside the app, until the stack unwinds."""
    task = asyncio.create_task(work, name=name)
    task.add_done_callback(_tell_failure)

    async def end() -> None:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    stack.push_async_callback(end)


def _tell_failure(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and (error := task.exception()) is not None:
        log.error("background.failed", task=task.get_name(), exc_info=error)
