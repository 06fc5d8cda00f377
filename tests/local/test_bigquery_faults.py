"""The table of faults over the wire: the genuine client, a road that spoils answers, the local BigQuery behind it."""

import asyncio
import itertools
import json
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import pytest_asyncio
from aiohttp import ClientSession, DummyCookieJar, web

from agent.bigquery.client import BigQueryWarehouse
from agent.bigquery.faults import FAULTS, Fault, Remedy
from agent.bigquery.warehouse import Job
from agent.errors import RateLimited, WarehouseError
from bot.local.bigquery.credentials import write_credentials
from bot.local.bigquery.service import LocalBigQuery

pytestmark = pytest.mark.asyncio(loop_scope="module")

NUMBERS = itertools.count()
STATUS = {"accessDenied": 403, "rateLimitExceeded": 403, "quotaExceeded": 403, "notFound": 404, "invalidQuery": 400}
ASKED = [(fault, reason) for fault in FAULTS for reason in fault.reasons if fault.asked is not None]
RAN = [(fault, reason) for fault in FAULTS for reason in fault.reasons if fault.ran is not None]


def a_job() -> Job:
    return Job(f"databolt_{next(NUMBERS)}", "SELECT 1 AS n", 0, timeout_seconds=60)


class SpoiledRoad:
    """Passes requests on to *target*. What is spoiled is said by its attributes."""

    def __init__(self, target: str) -> None:
        self._target = target
        self.url = ""
        self.posts = 0
        self.refusals: list[str] = []
        """Reasons: each refuses one POST, the last one every POST from then on when `is_endless`."""
        self.is_endless = False
        self.loses_replies = 0
        """So many POSTs are passed on, and their answers are not passed back."""
        self.job_ends_with = ""
        """The reason that every job is said to have ended with."""

    @asynccontextmanager
    async def serving(self) -> "AsyncGenerator[SpoiledRoad]":
        app = web.Application(client_max_size=1 << 26)
        app.router.add_route("*", "/{path:.*}", self._forward)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        async with ClientSession(cookie_jar=DummyCookieJar(), auto_decompress=True) as self._client:
            try:
                yield self
            finally:
                await runner.cleanup()

    async def _forward(self, request: web.Request) -> web.StreamResponse:
        is_post = request.method == "POST" and request.path.endswith("/jobs")
        self.posts += is_post
        if is_post and self.refusals:
            reason = self.refusals[0] if self.is_endless else self.refusals.pop(0)
            errors = [{"reason": reason, "message": "why"}]
            status = STATUS.get(reason, 500)
            return web.json_response({"error": {"code": status, "message": "why", "errors": errors}}, status=status)
        headers = {"Authorization": request.headers.get("Authorization", ""), "Content-Type": "application/json"}
        url, body = f"{self._target}{request.raw_path}", await request.read()
        async with self._client.request(request.method, url, data=body, headers=headers) as answer:
            told = json.loads(await answer.read() or "{}")
        if is_post and self.loses_replies:
            self.loses_replies -= 1
            assert request.transport is not None
            request.transport.abort()
        if self.job_ends_with and "jobReference" in told:
            told["status"] = {"state": "DONE", "errorResult": {"reason": self.job_ends_with, "message": "why"}}
        return web.json_response(told, status=answer.status)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def service(googlesql_cache: Path) -> AsyncIterator[LocalBigQuery]:
    async with LocalBigQuery(googlesql_cache).serving() as serving:
        yield serving


@pytest_asyncio.fixture(loop_scope="module")
async def road(service: LocalBigQuery) -> AsyncIterator[SpoiledRoad]:
    async with SpoiledRoad(service.url).serving() as road:
        yield road


@pytest_asyncio.fixture(loop_scope="module")
async def warehouse(road: SpoiledRoad, tmp_path: Path) -> AsyncIterator[BigQueryWarehouse]:
    key = tmp_path / "key.json"
    await asyncio.to_thread(write_credentials, key)
    opened = BigQueryWarehouse.open("demo-proj", "US", api_endpoint=road.url, credentials_path=key, retry_seconds=0.8)
    async with opened as warehouse:
        yield warehouse


async def test_a_lost_insert_reply_attaches_to_the_job_that_was_inserted(
    warehouse: BigQueryWarehouse, road: SpoiledRoad, service: LocalBigQuery
) -> None:
    job, before = a_job(), list(service.jobs)
    road.loses_replies = 1
    assert (await warehouse.run(job)).table.rows == ((1,),)
    assert road.posts == 2  # the second was answered 409
    assert list(service.jobs) == [*before, job.id]


async def test_a_rate_limit_that_passes_is_not_noticed(
    warehouse: BigQueryWarehouse, road: SpoiledRoad, service: LocalBigQuery
) -> None:
    job, before = a_job(), list(service.jobs)
    road.refusals = ["rateLimitExceeded"]
    assert (await warehouse.run(job)).table.rows == ((1,),)
    assert (road.posts, list(service.jobs)) == (2, [*before, job.id])


@pytest.mark.parametrize(("fault", "reason"), ASKED, ids=[reason for _, reason in ASKED])
async def test_a_refused_request_is_repeated_as_the_table_says(
    warehouse: BigQueryWarehouse, road: SpoiledRoad, fault: Fault, reason: str
) -> None:
    road.refusals, road.is_endless = [reason], True
    with pytest.raises(WarehouseError) as caught:
        await warehouse.run(a_job())
    assert type(caught.value) is fault.asked
    assert (road.posts > 1) is (fault.asked_remedy is Remedy.REQUEST)


@pytest.mark.parametrize(("fault", "reason"), RAN, ids=[reason for _, reason in RAN])
async def test_a_job_that_failed_ends_as_the_table_says(
    warehouse: BigQueryWarehouse, road: SpoiledRoad, fault: Fault, reason: str
) -> None:
    road.job_ends_with = reason
    with pytest.raises(WarehouseError) as caught:
        await warehouse.run(a_job())
    assert type(caught.value) is fault.ran
    assert road.posts == 1  # another job is the door's to start, under another id


async def test_a_price_that_could_not_be_had_is_an_error_with_a_sentence_of_its_own(
    warehouse: BigQueryWarehouse, road: SpoiledRoad
) -> None:
    road.refusals, road.is_endless = ["rateLimitExceeded"], True
    with pytest.raises(RateLimited) as caught:
        await warehouse.dry_run("SELECT 1")
    assert caught.value.notice.code == "error.rate_limited"
