"""Opening the place of memory: what is missing is named in one sentence, and falling back is asked for and loud."""

from contextlib import AsyncExitStack
from dataclasses import replace
from typing import Any

import psycopg
import pytest
import structlog

from agent.analyst import Savers
from agent.memory_savers import MemorySavers
from bot.storage.checkpoint_backend import CheckpointChoice, open_checkpoints
from bot.storage.checkpoints import PostgresSavers
from bot.storage.database import StorageMisconfigured, StorageUnavailable
from bot.storage.dynamo_checkpoints import DynamoSavers, DynamoTable
from tests.moto_server import REGION, aws_account, dynamo_table, dynamodb, dynamodb_url

__all__ = ["aws_account", "dynamo_table", "dynamodb_url"]

NOBODY = "postgresql://postgres@127.0.0.1:1/none"


async def opened(choice: CheckpointChoice) -> Any:
    async with AsyncExitStack() as stack:
        return await stack.enter_async_context(open_checkpoints(choice, workers=1))


def on_dynamodb(table: DynamoTable, **changes: Any) -> CheckpointChoice:
    choice = CheckpointChoice(
        "dynamodb",
        NOBODY,
        dynamodb_table=table.name,
        dynamodb_region=table.region,
        dynamodb_endpoint_url=table.endpoint_url,
    )
    return replace(choice, **changes)


async def test_each_backend_opens(database_url: str, dynamo_table: DynamoTable) -> None:
    assert isinstance(await opened(CheckpointChoice("memory", NOBODY)), MemorySavers)
    assert isinstance(await opened(CheckpointChoice("postgres", database_url)), PostgresSavers)
    assert isinstance(await opened(on_dynamodb(dynamo_table)), DynamoSavers)


async def test_a_backend_that_does_not_answer_is_no_reason_to_forget() -> None:
    with pytest.raises(StorageUnavailable):
        await opened(CheckpointChoice("postgres", NOBODY))


async def test_asked_to_it_falls_back_to_memory_and_says_so_loudly() -> None:
    with structlog.testing.capture_logs() as logs:
        savers = await opened(CheckpointChoice("postgres", NOBODY, falls_back_to_memory=True))
    assert isinstance(savers, MemorySavers)
    (line,) = [line for line in logs if line["event"] == "checkpoints.fell_back_to_memory"]
    assert (line["log_level"], line["backend"]) == ("critical", "postgres")
    assert "did not answer" in line["reason"]


async def test_what_fails_once_it_was_open_is_not_papered_over(database_url: str) -> None:
    choice = CheckpointChoice("postgres", database_url, falls_back_to_memory=True)
    with pytest.raises(StorageUnavailable):
        async with open_checkpoints(choice, workers=1) as savers, savers.slot():
            raise psycopg.OperationalError("the server closed the connection")


async def test_an_account_that_may_not_set_up_its_schema_is_told_so(database_url: str) -> None:
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute("DROP ROLE IF EXISTS checkpoint_reader")
        connection.execute("CREATE ROLE checkpoint_reader LOGIN")
    uri = f"{database_url}&options=-crole%3Dcheckpoint_reader"
    try:
        with pytest.raises(StorageMisconfigured, match="DATABASE_URL cannot .* permission denied"):
            await opened(CheckpointChoice("postgres", uri))
        assert isinstance(await opened(CheckpointChoice("postgres", uri, falls_back_to_memory=True)), MemorySavers)
    finally:
        with psycopg.connect(database_url, autocommit=True) as connection:
            connection.execute("DROP ROLE checkpoint_reader")


async def test_a_table_that_is_not_there_is_named(dynamo_table: DynamoTable) -> None:
    with pytest.raises(StorageMisconfigured, match="there is no table elsewhere in eu-west-1"):
        await opened(on_dynamodb(dynamo_table, dynamodb_table="elsewhere"))
    fallen = await opened(on_dynamodb(dynamo_table, dynamodb_table="elsewhere", falls_back_to_memory=True))
    assert isinstance(fallen, MemorySavers)


async def test_a_table_with_other_keys_is_refused(dynamodb_url: str) -> None:
    with dynamodb(dynamodb_url) as client:
        client.create_table(
            TableName="other-keys",
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
        )
    with pytest.raises(StorageMisconfigured, match="other keys than PK and SK"):
        await opened(on_dynamodb(DynamoTable("other-keys", REGION, dynamodb_url)))


async def test_missing_credentials_are_named(dynamo_table: DynamoTable, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    with pytest.raises(StorageMisconfigured, match="no AWS credentials"):
        await opened(on_dynamodb(dynamo_table))


async def test_a_missing_region_is_named(dynamo_table: DynamoTable) -> None:
    with pytest.raises(StorageMisconfigured, match="LANGGRAPH_DYNAMODB_REGION is not set"):
        await opened(on_dynamodb(dynamo_table, dynamodb_region=None))


async def test_an_endpoint_where_nobody_listens_does_not_answer(dynamo_table: DynamoTable) -> None:
    with pytest.raises(StorageUnavailable, match="DynamoDB did not answer"):
        await opened(on_dynamodb(dynamo_table, dynamodb_endpoint_url="http://127.0.0.1:9"))


async def test_an_endpoint_that_is_no_address_is_said_to_be_unusable(dynamo_table: DynamoTable) -> None:
    with pytest.raises(StorageMisconfigured):
        await opened(on_dynamodb(dynamo_table, dynamodb_endpoint_url="nowhere"))


async def test_a_table_that_vanishes_while_the_bot_runs_is_an_outage(dynamo_table: DynamoTable) -> None:
    async with open_checkpoints(on_dynamodb(dynamo_table), workers=1) as savers:
        with dynamodb(str(dynamo_table.endpoint_url)) as client:
            client.delete_table(TableName=dynamo_table.name)
        with pytest.raises(StorageUnavailable, match="ResourceNotFoundException"):
            await read(savers)


async def read(savers: Savers) -> None:
    async with savers.slot() as saver:
        await saver.aget_tuple({"configurable": {"thread_id": "T:C:1"}})
