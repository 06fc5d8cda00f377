"""Where conversations are remembered, as LANGGRAPH_CHECKPOINT_BACKEND says."""

import asyncio
import importlib
from collections.abc import AsyncGenerator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Literal, TypeAlias, assert_never

import structlog

from agent.analyst import Savers
from agent.memory_savers import MemorySavers
from bot.storage.checkpoints import open_savers
from bot.storage.database import StorageMisconfigured, StorageUnavailable
from bot.storage.timed_saver import OnSeconds

log = structlog.get_logger(__name__)

Backend: TypeAlias = Literal["postgres", "memory", "dynamodb"]


@dataclass(frozen=True, slots=True)
class CheckpointChoice:
    backend: Backend
    postgres_uri: str
    """As libpq takes it."""
    falls_back_to_memory: bool = False
    dynamodb_table: str = ""
    dynamodb_region: str | None = None
    dynamodb_endpoint_url: str | None = None


@asynccontextmanager
async def open_checkpoints(
    choice: CheckpointChoice, *, workers: int, on_seconds: OnSeconds = lambda seconds: None
) -> AsyncGenerator[Savers]:
    """The savers of the chosen backend.

    Raises StorageMisconfigured or StorageUnavailable where they cannot be opened; with `falls_back_to_memory`
    conversations are forgotten at exit instead. What fails later is never papered over.
    """
    async with AsyncExitStack() as stack:
        try:
            savers = await stack.enter_async_context(await _opening(choice, workers, on_seconds))
        except (StorageMisconfigured, StorageUnavailable) as error:
            if not choice.falls_back_to_memory:
                raise
            log.critical(
                "checkpoints.fell_back_to_memory",
                backend=choice.backend,
                reason=str(error),
                consequence="conversations are forgotten when this process ends",
            )
            savers = MemorySavers()
        yield savers


async def _opening(
    choice: CheckpointChoice, workers: int, on_seconds: OnSeconds
) -> AbstractAsyncContextManager[Savers]:
    match choice.backend:
        case "memory":
            return _in_memory()
        case "postgres":
            return open_savers(choice.postgres_uri, workers=workers, on_seconds=on_seconds)
        case "dynamodb":
            return await _dynamodb(choice, workers)
        case _:
            assert_never(choice.backend)


@asynccontextmanager
async def _in_memory() -> AsyncGenerator[Savers]:
    yield MemorySavers()


async def _dynamodb(choice: CheckpointChoice, workers: int) -> AbstractAsyncContextManager[Savers]:
    try:
        # By name and here: an extra, and half a second of imports that nobody else should pay for.
        await asyncio.to_thread(importlib.import_module, "langgraph_checkpoint_aws.checkpoint.dynamodb")
    except ModuleNotFoundError as error:
        raise StorageMisconfigured(
            "LANGGRAPH_CHECKPOINT_BACKEND=dynamodb needs the extra `dynamodb`, which is not installed:"
            f" there is no module {error.name}."
        ) from None
    from bot.storage.dynamo_checkpoints import DynamoTable, open_dynamo_savers  # noqa: PLC0415 (the extra is there)

    table = DynamoTable(choice.dynamodb_table, choice.dynamodb_region, choice.dynamodb_endpoint_url)
    return open_dynamo_savers(table, workers=workers)
