"""The engine on a thread of its own, for callers on the event loop.

Neither the engine nor its packages are imported before its first use: a machine that cannot load it still starts, says
so once (`googlesql.unavailable`), and every `run` raises EngineUnavailable until the process starts anew.
"""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Literal, Self, TypeAlias, TypeVar

import structlog

from agent.sql.googlesql.errors import EngineUnavailable

if TYPE_CHECKING:
    from agent.sql.googlesql.engine import Engine

log = structlog.get_logger(__name__)

T = TypeVar("T")

OnRestart: TypeAlias = Callable[["Engine"], None]


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
        self._cache_dir = cache_dir
        self._deadline_ms = deadline_ms
        self._memory_mb = memory_mb
        self._on_restart = on_restart
        self._executor = ThreadPoolExecutor(1, thread_name_prefix="googlesql")
        self._engine: Engine | None = None
        self._fault: EngineUnavailable | None = None
        self._closing = threading.Event()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    @property
    def state(self) -> Literal["warming", "warm", "unavailable"]:
        """Unavailable is for good: until the process starts anew."""
        if self._fault is not None:
            return "unavailable"
        return "warming" if self._engine is None else "warm"

    async def open(self) -> None:
        """Open the engine now: about a minute where its module has to be compiled first. Raises EngineUnavailable."""
        await self.run(lambda _: None)

    async def run(self, fn: "Callable[[Engine], T]") -> T:
        """Run *fn* with the engine on the engine's thread. Raises EngineUnavailable where there is none."""
        with_engine = partial(self._with_engine, fn)
        return await asyncio.get_running_loop().run_in_executor(self._executor, copy_context().run, with_engine)

    async def close(self) -> None:
        """End the engine and both its threads; a running call or compilation is ended, waiting calls are cancelled."""
        self._closing.set()
        self._executor.shutdown(wait=False, cancel_futures=True)
        if (engine := self._engine) is not None:
            engine.interrupt()
        await asyncio.to_thread(self._executor.shutdown)
        if (engine := self._engine) is not None:
            self._engine = None
            await asyncio.to_thread(engine.close)

    def _with_engine(self, fn: "Callable[[Engine], T]") -> T:
        if self._engine is None:
            self._engine = self._open_engine()
        return fn(self._engine)

    def _open_engine(self) -> "Engine":
        if self._fault is not None:  # not tried again: each try may compile for a minute
            raise EngineUnavailable(str(self._fault))
        try:
            from agent.sql.googlesql.engine import Engine  # noqa: PLC0415

            return Engine(
                self._cache_dir,
                deadline_ms=self._deadline_ms,
                memory_mb=self._memory_mb,
                on_restart=self._on_restart,
                stop=self._closing,
            )
        except Exception as error:  # boundary: whatever keeps native code from loading, the process lives without it
            self._fault = EngineUnavailable(f"{type(error).__name__}: {error}")
            if self._closing.is_set():  # a compilation that was ended is no fault
                raise self._fault from error
            log.error("googlesql.unavailable", reason=str(self._fault), effect="every query needs approval")
            raise self._fault from error
