"""DynamoDB on loopback: moto's server, one for a whole run, and an empty table for each test."""

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import boto3
import pytest
from moto.server import ThreadedMotoServer

from bot.storage.dynamo_checkpoints import DynamoTable

REGION = "eu-west-1"

_SERVER = pytest.StashKey[str]()
_numbers = itertools.count(1)


@pytest.fixture
def aws_account(monkeypatch: pytest.MonkeyPatch) -> None:
    """An account that nobody has, and no other: the machine's own settings are out of reach."""
    for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_REGION", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")


@pytest.fixture
def dynamodb_url(pytestconfig: pytest.Config, aws_account: None) -> str:
    if _SERVER not in pytestconfig.stash:
        server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
        server.start()
        pytestconfig.add_cleanup(server.stop)
        host, port = server.get_host_and_port()
        pytestconfig.stash[_SERVER] = f"http://{host}:{port}"
    return pytestconfig.stash[_SERVER]


@pytest.fixture
def dynamo_table(dynamodb_url: str) -> Iterator[DynamoTable]:
    table = DynamoTable(f"checkpoints-{next(_numbers)}", REGION, dynamodb_url)
    with dynamodb(dynamodb_url) as client:
        client.create_table(
            TableName=table.name,
            KeySchema=[{"AttributeName": "PK", "KeyType": "HASH"}, {"AttributeName": "SK", "KeyType": "RANGE"}],
            AttributeDefinitions=[
                {"AttributeName": "PK", "AttributeType": "S"},
                {"AttributeName": "SK", "AttributeType": "S"},
            ],
            BillingMode="PAY_PER_REQUEST",
        )
        yield table
        if table.name in client.list_tables()["TableNames"]:
            client.delete_table(TableName=table.name)


@contextmanager
def dynamodb(url: str) -> Iterator[Any]:
    client = boto3.client("dynamodb", region_name=REGION, endpoint_url=url)
    try:
        yield client
    finally:
        client.close()
