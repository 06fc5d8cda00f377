"""LangGraph's saver, and how long its reads and writes take."""

import time
from collections.abc import Callable, Sequence
from typing import Any

from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import ChannelVersions, Checkpoint, CheckpointMetadata, CheckpointTuple
from langgraph.checkpoint.postgres.aio import AsyncPostgresSaver
from langgraph.checkpoint.serde.base import SerializerProtocol
from psycopg import AsyncConnection
from psycopg.rows import DictRow
from psycopg_pool import AsyncConnectionPool

OnSeconds = Callable[[float], None]


class TimedPostgresSaver(AsyncPostgresSaver):
    """Waiting for a connection counts: the turn waits for that as well."""

    def __init__(
        self,
        pool: AsyncConnectionPool[AsyncConnection[DictRow]],
        serde: SerializerProtocol | None,
        on_seconds: OnSeconds,
    ) -> None:
        super().__init__(pool, serde=serde)
        self._on_seconds = on_seconds

    async def aget_tuple(self, config: RunnableConfig) -> CheckpointTuple | None:
        started = time.monotonic()
        found = await super().aget_tuple(config)
        self._on_seconds(time.monotonic() - started)
        return found

    async def aput(
        self,
        config: RunnableConfig,
        checkpoint: Checkpoint,
        metadata: CheckpointMetadata,
        new_versions: ChannelVersions,
    ) -> RunnableConfig:
        started = time.monotonic()
        kept = await super().aput(config, checkpoint, metadata, new_versions)
        self._on_seconds(time.monotonic() - started)
        return kept

    async def aput_writes(
        self, config: RunnableConfig, writes: Sequence[tuple[str, Any]], task_id: str, task_path: str = ""
    ) -> None:
        started = time.monotonic()
        await super().aput_writes(config, writes, task_id, task_path)
        self._on_seconds(time.monotonic() - started)
