"""Conversations remembered in this process only: LANGGRAPH_CHECKPOINT_BACKEND=memory, evals, and tests."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import BaseCheckpointSaver, CheckpointTuple
from langgraph.checkpoint.memory import InMemorySaver


class PrunedMemorySaver(InMemorySaver):
    """LangGraph's own, which cannot prune: the thread is deleted, and its latest checkpoint written again.

    No other task sees it half-done: nothing in between waits.
    """

    async def aprune(self, thread_ids: Sequence[str], *, strategy: str = "keep_latest") -> None:
        for thread_id in thread_ids:
            latest = self.get_tuple(RunnableConfig(configurable={"thread_id": thread_id, "checkpoint_ns": ""}))
            self.delete_thread(thread_id)
            if latest is not None and strategy == "keep_latest":
                self._put_again(latest)

    def _put_again(self, latest: CheckpointTuple) -> None:
        place: dict[str, Any] = latest.config.get("configurable", {})
        parentless = RunnableConfig(configurable={key: place[key] for key in ("thread_id", "checkpoint_ns")})
        config = self.put(parentless, latest.checkpoint, latest.metadata, latest.checkpoint["channel_versions"])
        for task_id, channel, value in latest.pending_writes or ():
            self.put_writes(config, [(channel, value)], task_id)


class MemorySavers:
    """`agent.analyst.Savers` over one saver that all turns share."""

    def __init__(self) -> None:
        self.saver = PrunedMemorySaver()

    @asynccontextmanager
    async def slot(self) -> AsyncGenerator[BaseCheckpointSaver[str]]:
        yield self.saver
