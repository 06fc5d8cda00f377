"""Work that goes on beside a block of code, and ends with it."""

import asyncio
from collections.abc import AsyncGenerator, Coroutine
from contextlib import asynccontextmanager
from typing import Any


@asynccontextmanager
async def running_beside(work: Coroutine[Any, Any, Any], name: str) -> AsyncGenerator[asyncio.Task[Any]]:
    """*work* runs while the block does, and is cancelled and awaited at its end."""
    task = asyncio.create_task(work, name=name)
    try:
        yield task
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
