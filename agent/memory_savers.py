"""Conversations remembered in this process only: LANGGRAPH_CHECKPOINT_BACKEND=memory, and tests."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.checkpoint.memory import InMemorySaver


class MemorySavers:
    """`agent.analyst.Savers` over one saver that all turns share."""

    def __init__(self) -> None:
        self._saver = InMemorySaver()

    @asynccontextmanager
    async def slot(self) -> AsyncGenerator[BaseCheckpointSaver[str]]:
        yield self._saver
