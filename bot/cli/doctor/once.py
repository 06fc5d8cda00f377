"""A question that several checks ask, asked once."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, Generic, TypeVar

T = TypeVar("T")


class Once(Generic[T]):
    """Its first caller asks; everybody gets that answer, or that error."""

    def __init__(self, ask: Callable[[], Coroutine[Any, Any, T]], name: str) -> None:
        self._ask = ask
        self._name = name
        self._asking: asyncio.Task[T] | None = None

    def __call__(self) -> Awaitable[T]:
        if self._asking is None:
            self._asking = asyncio.create_task(self._ask(), name=self._name)
        # A caller's deadline is its own: it does not take the answer from the others.
        return asyncio.shield(self._asking)

    async def close(self) -> None:
        if self._asking is not None:
            self._asking.cancel()
            await asyncio.gather(self._asking, return_exceptions=True)
