"""Conversation memory in DynamoDB, by LangGraph's saver for AWS: the extra `dynamodb` brings it.

A table with the string keys PK (partition) and SK (sort); an item holds 400 kB, far more than a thread takes.
"""

import asyncio
import logging
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from botocore.config import Config
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectionError,
    HTTPClientError,
    NoCredentialsError,
    NoRegionError,
    PartialCredentialsError,
)
from langchain_core.runnables import run_in_executor
from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph_checkpoint_aws.checkpoint.dynamodb import DynamoDBSaver

from bot.storage.database import StorageMisconfigured, StorageUnavailable

CONNECT_SECONDS = 5
READ_SECONDS = 10
ATTEMPTS = 3
KEYS = {("PK", "HASH"), ("SK", "RANGE")}

# It logs every write with its size at info, a dozen lines a turn.
logging.getLogger("langgraph_checkpoint_aws").setLevel(logging.WARNING)


@dataclass(frozen=True, slots=True)
class DynamoTable:
    name: str
    region: str | None = None
    """None: what AWS's own settings say."""
    endpoint_url: str | None = None
    """None: AWS's."""


class DynamoUnavailable(StorageUnavailable):
    """DynamoDB did not answer."""

    advice = "See that this machine reaches AWS, and what LANGGRAPH_DYNAMODB_REGION and its endpoint say"


class PrunedDynamoSaver(DynamoDBSaver):
    """The library's, which cannot prune: what is older than the latest checkpoint goes, and that one stays."""

    def prune(self, thread_ids: Sequence[str], *, strategy: str = "keep_latest") -> None:
        for thread_id in thread_ids:
            found = self.repo.get_thread_checkpoint_info(thread_id)
            latest = dict(sorted(found)) if strategy == "keep_latest" else {}  # ids rise with time
            older = [(namespace, id) for namespace, id in found if latest.get(namespace) != id]
            # A crash in between leaves a checkpoint without its writes, which nobody resumes: it is not the latest.
            self.repo.delete_thread_writes(thread_id, older)
            self.repo.delete_thread_checkpoints(thread_id, older)

    async def aprune(self, thread_ids: Sequence[str], *, strategy: str = "keep_latest") -> None:
        await run_in_executor(None, lambda: self.prune(thread_ids, strategy=strategy))


class DynamoSavers:
    """One saver for all turns: its client is made for many threads, and keeps no state of a conversation."""

    def __init__(self, saver: PrunedDynamoSaver) -> None:
        self._saver = saver

    @asynccontextmanager
    async def slot(self) -> AsyncGenerator[BaseCheckpointSaver[str]]:
        """Raises DynamoUnavailable where the saver inside the block lost its table."""
        try:
            yield self._saver
        except (BotoCoreError, ClientError) as error:
            raise DynamoUnavailable(f"DynamoDB did not answer: {_reason(error)}") from error


@asynccontextmanager
async def open_dynamo_savers(table: DynamoTable, *, workers: int) -> AsyncGenerator[DynamoSavers]:
    """Raises StorageMisconfigured for what a setting mends, DynamoUnavailable where AWS does not answer."""
    saver = await asyncio.to_thread(_connected, table, workers)
    try:
        yield DynamoSavers(saver)
    finally:
        await asyncio.to_thread(saver.client.close)


def _connected(table: DynamoTable, workers: int) -> PrunedDynamoSaver:
    config = Config(
        connect_timeout=CONNECT_SECONDS,
        read_timeout=READ_SECONDS,
        retries={"mode": "standard", "max_attempts": ATTEMPTS},
        max_pool_connections=workers + 4,
    )
    try:
        saver = PrunedDynamoSaver(
            table.name,
            region_name=table.region,
            endpoint_url=table.endpoint_url,
            boto_config=config,
            enable_checkpoint_compression=True,
        )
        described: dict[str, Any] = saver.client.describe_table(TableName=table.name)["Table"]
    except NoRegionError:
        raise StorageMisconfigured("LANGGRAPH_DYNAMODB_REGION is not set, and AWS's own settings name none.") from None
    except (NoCredentialsError, PartialCredentialsError):
        raise StorageMisconfigured(
            "LANGGRAPH_CHECKPOINT_BACKEND=dynamodb finds no AWS credentials: give the machine a role."
        ) from None
    except (ConnectionError, HTTPClientError) as error:
        raise DynamoUnavailable(f"DynamoDB did not answer: {_reason(error)}") from error
    except (BotoCoreError, ClientError, ValueError) as error:  # ValueError: an endpoint that is no URL
        raise _misconfigured(table, error) from None
    keys = {(key["AttributeName"], key["KeyType"]) for key in described["KeySchema"]}
    if keys != KEYS:
        raise StorageMisconfigured(f"LANGGRAPH_DYNAMODB_TABLE is wrong: {table.name} has other keys than PK and SK.")
    return saver


def _misconfigured(table: DynamoTable, error: Exception) -> Exception:
    match _reason(error):
        case "ResourceNotFoundException":
            where = f" in {table.region}" if table.region else ""
            return StorageMisconfigured(f"LANGGRAPH_DYNAMODB_TABLE is wrong: there is no table {table.name}{where}.")
        case "InternalServerError" | "ThrottlingException" | "RequestLimitExceeded" as reason:
            return DynamoUnavailable(f"DynamoDB did not answer: {reason}")
        case reason:
            return StorageMisconfigured(
                f"LANGGRAPH_CHECKPOINT_BACKEND=dynamodb cannot use the table {table.name}: AWS says {reason}."
            )


def _reason(error: Exception) -> str:
    """AWS's own word for it, where there is one."""
    return str(error.response["Error"]["Code"]) if isinstance(error, ClientError) else type(error).__name__
