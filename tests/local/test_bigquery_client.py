"""The genuine client against the local BigQuery, where the fake has nothing to say: endpoints, keys, spellings."""

import asyncio
import socket
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from agent.bigquery.client import BigQueryWarehouse
from agent.bigquery.warehouse import Job
from agent.errors import AccessDenied, InvalidQuery, WarehouseUnavailable
from bot.local.bigquery.credentials import write_credentials
from bot.local.bigquery.service import LocalBigQuery

JOB = Job("databolt_1", "SELECT 1 AS n", 0, timeout_seconds=60, labels={"app": "databolt", "user": "0123"})


@pytest.fixture
async def service(googlesql_cache: Path) -> AsyncIterator[LocalBigQuery]:
    async with LocalBigQuery(googlesql_cache).serving() as serving:
        yield serving


@pytest.fixture
async def key(service: LocalBigQuery, tmp_path: Path) -> Path:
    path = tmp_path / "key.json"
    await asyncio.to_thread(write_credentials, path)
    return path


@pytest.fixture
async def warehouse(service: LocalBigQuery, key: Path) -> AsyncIterator[BigQueryWarehouse]:
    opened = BigQueryWarehouse.open("demo-proj", "US", api_endpoint=service.url, credentials_path=key)
    async with opened as warehouse:
        yield warehouse


async def test_times_are_spelled_as_bigquery_casts_them_to_text(warehouse: BigQueryWarehouse) -> None:
    values = [
        "TIMESTAMP '2025-01-01 00:00:00+00'",
        "TIMESTAMP '2025-01-01 00:00:00.5+00'",
        "TIMESTAMP '2025-01-01 00:00:00.123456+00'",
        "DATETIME '2025-01-01 10:20:30'",
        "DATETIME '2025-01-01 10:20:30.25'",
        "TIME '01:02:03.000001'",
        "DATE '0099-01-02'",
        "NUMERIC '0.000000001'",
        "BIGNUMERIC '1e20'",
    ]
    for value in values:
        sql = f"SELECT {value} AS x, CAST({value} AS STRING) AS text"
        ((cell, text),) = (await warehouse.run(replace(JOB, id=f"j{abs(hash(value))}", sql=sql))).table.rows
        assert cell == text


async def test_the_job_carries_what_it_was_given(warehouse: BigQueryWarehouse, service: LocalBigQuery) -> None:
    await warehouse.run(replace(JOB, maximum_bytes_billed=123))
    configuration = service.jobs[JOB.id].configuration
    assert configuration["labels"] == JOB.labels
    assert configuration["jobTimeoutMs"] == "60000"
    assert configuration["query"]["maximumBytesBilled"] == "123"
    assert configuration["query"]["useLegacySql"] is False
    assert configuration["query"]["query"] == JOB.sql


async def test_a_daemon_that_comes_back_attaches_to_the_running_job(service: LocalBigQuery, key: Path) -> None:
    service.delay_seconds = 0.5
    opened = BigQueryWarehouse.open("demo-proj", "US", api_endpoint=service.url, credentials_path=key)
    async with opened as first, asyncio.timeout(20):
        abandoned = asyncio.create_task(first.run(JOB), name="first")
        while JOB.id not in service.jobs:  # noqa: ASYNC110 - the service has no event for it
            await asyncio.sleep(0.01)
        opened = BigQueryWarehouse.open("demo-proj", "US", api_endpoint=service.url, credentials_path=key)
        async with opened as second:
            assert (await second.run(JOB)).table.rows == ((1,),)
        await abandoned
    assert list(service.jobs) == [JOB.id]


async def test_a_cancel_comes_after_the_insert_that_is_under_way(service: LocalBigQuery, key: Path) -> None:
    service.delay_seconds = 60
    opened = BigQueryWarehouse.open("demo-proj", "US", api_endpoint=service.url, credentials_path=key)
    async with opened as warehouse:
        running = asyncio.create_task(warehouse.run(JOB), name="run")
        await asyncio.sleep(0)  # the insert has left; whether it has arrived is not known
        running.cancel()
        await asyncio.wait([running])
        await warehouse.cancel(JOB.id)
    assert service.jobs[JOB.id].stopped_because is not None


async def test_a_dead_endpoint_is_unavailable_soon(key: Path) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        endpoint = f"http://127.0.0.1:{unused.getsockname()[1]}"
        opened = BigQueryWarehouse.open(
            "demo-proj", "US", api_endpoint=endpoint, credentials_path=key, retry_seconds=0.3
        )
        async with opened as warehouse:
            with pytest.raises(WarehouseUnavailable):
                await warehouse.dry_run("SELECT 1")
            with pytest.raises(WarehouseUnavailable):
                await warehouse.run(JOB)


async def test_a_key_that_is_none_is_said_by_its_path(tmp_path: Path) -> None:
    path = tmp_path / "key.json"
    with pytest.raises(AccessDenied, match=r"key\.json"):
        async with BigQueryWarehouse.open("demo-proj", "US", credentials_path=path):
            pass
    await asyncio.to_thread(path.write_text, "{}")
    with pytest.raises(AccessDenied, match=r"key\.json"):
        async with BigQueryWarehouse.open("demo-proj", "US", credentials_path=path):
            pass


async def test_application_default_credentials_are_found_by_the_environment(
    service: LocalBigQuery, key: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(key))
    async with BigQueryWarehouse.open("demo-proj", "US", api_endpoint=service.url) as warehouse:
        assert (await warehouse.dry_run("SELECT 1")).statement_type == "SELECT"


async def test_columns_keep_their_descriptions_and_tags(warehouse: BigQueryWarehouse) -> None:
    shop = await warehouse.describe_tables("demo-proj.shop")
    columns = [column for table in shop for column in table.columns]
    assert any(column.policy_tags for column in columns)
    assert any(column.description for column in columns)
    events = next(t for t in await warehouse.describe_tables("demo-proj.web") if t.name.endswith("events_*"))
    assert events.columns[-1].name == "_TABLE_SUFFIX"


async def test_a_dataset_that_is_not_there_is_an_error_not_an_empty_catalogue(warehouse: BigQueryWarehouse) -> None:
    with pytest.raises(InvalidQuery, match="Not found"):
        await warehouse.describe_tables("demo-proj.nowhere")
