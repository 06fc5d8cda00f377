"""The engine on a thread of its own, for callers on the event loop."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

from agent.sql.googlesql.engine import Engine, OnRestart

T = TypeVar("T")


class EngineThread:
    """One thread, one engine, opened there at the first `run` (or by `open`). Calls run one at a time, in order.

    A cancelled `run` leaves its call running to its end or deadline; what it was handed can `interrupt` the engine.
    """

    def __init__(
        self,
        cache_dir: Path,
        *,
        deadline_ms: int = 2000,
        memory_mb: int = 1024,
        on_restart: OnRestart | None = None,
    ) -> None:
        self._open_engine = lambda: Engine(
            cache_dir, deadline_ms=deadline_ms, memory_mb=memory_mb, on_restart=on_restart
        )
        self._executor = ThreadPoolExecutor(1, thread_name_prefix="googlesql")
        self._engine: Engine | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def open(self) -> None:
        """Open the engine now: about a minute where its module has to be compiled first."""
        await self.run(lambda _: None)

    async def run(self, fn: Callable[[Engine], T]) -> T:
        """Run *fn* with the engine on the engine's thread."""
        return await asyncio.get_running_loop().run_in_executor(self._executor, self._with_engine, fn)

    async def close(self) -> None:
        """End the engine and both its threads; a running call is interrupted, waiting ones are cancelled."""
        self._executor.shutdown(wait=False, cancel_futures=True)
        if (engine := self._engine) is not None:
            engine.interrupt()
        await asyncio.to_thread(self._executor.shutdown)
        if (engine := self._engine) is not None:
            self._engine = None
            await asyncio.to_thread(engine.close)

    def _with_engine(self, fn: Callable[[Engine], T]) -> T:
        if self._engine is None:
            self._engine = self._open_engine()
        return fn(self._engine)
