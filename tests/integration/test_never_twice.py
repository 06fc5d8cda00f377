"""However often a query is begun, and by whoever: the jobs and the bytes at BigQuery are those of one run.

Real Postgres, the real gate, the genuine client against the local BigQuery. The kill -9 of a whole daemon is in
tests/scenario/test_kill.py, a lost insert reply in tests/local/test_bigquery_faults.py.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import pytest_asyncio

from agent.bigquery.client import BigQueryWarehouse
from agent.errors import ResultGone
from agent.policy.access import NoRights
from agent.policy.cost import CostLimits
from agent.query import QueryPolicy, QueryRequest, QueryRunner
from agent.query_values import QueryOutcome
from agent.sql.gate import Gate
from agent.sql.googlesql.thread import EngineThread
from agent.sql.rules import GateRules
from agent.turn import Actor, Audience
from bot.inbox.attempt import Attempt
from bot.inbox.items import Item
from bot.inbox.worker import WorkerPool
from bot.local.bigquery.credentials import write_credentials
from bot.local.bigquery.errors import BigQueryError
from bot.local.bigquery.service import LocalBigQuery
from bot.storage.approvals import PostgresApprovals
from bot.storage.audit import PostgresAudit
from bot.storage.budgets import PostgresBudgets
from bot.storage.database import Database, open_database
from bot.storage.inbox import PostgresInbox
from bot.storage.results import PostgresResults
from tests.fakes.access import everyone_reads, real_access
from tests.fakes.cashier import cashier_at
from tests.inbox_items import turn

pytestmark = pytest.mark.asyncio(loop_scope="module")

SQL = "SELECT status, COUNT(*) AS n FROM shop.orders GROUP BY status ORDER BY status"
ONE_RUN = 10 << 20
"""Bytes: BigQuery bills ten megabytes for a small table."""
REQUEST = QueryRequest(
    "message:T1:C1:1.0", "T1:C1:1.0", Actor("U1SECRET", "T1"), Audience("channel", "C1"), "How many?"
)
LIMITS = CostLimits(max_bytes_billed=1 << 30, auto_execute_max_cost_usd=1.0)
POLICY = QueryPolicy("demo-proj", LIMITS, job_timeout_seconds=90)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def engine(googlesql_cache: Path) -> AsyncIterator[EngineThread]:
    async with EngineThread(googlesql_cache) as engine:
        yield engine


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shop(googlesql_cache: Path) -> AsyncIterator[LocalBigQuery]:
    async with LocalBigQuery(googlesql_cache).serving() as service:
        yield service


class Daemons:
    """Daemons on one database and one BigQuery: each has a client and a door of its own."""

    def __init__(self, service: LocalBigQuery, engine: EngineThread, database: Database, key: Path) -> None:
        self._service = service
        self._engine = engine
        self._database = database
        self._key = key
        self._stack = AsyncExitStack()
        self._jobs_before = set(service.jobs)

    async def start(self) -> QueryRunner:
        warehouse = await self._stack.enter_async_context(
            BigQueryWarehouse.open("demo-proj", "US", api_endpoint=self._service.url, credentials_path=self._key)
        )
        budgets = PostgresBudgets(self._database, ZoneInfo("UTC"))
        return QueryRunner(
            gate=Gate(self._engine, GateRules(NoRights(), "demo-proj")),
            warehouse=warehouse,
            policy=POLICY,
            approvals=PostgresApprovals(self._database),
            results=PostgresResults(self._database),
            cashier=cashier_at(warehouse, budgets, PostgresAudit(self._database)),
            access=real_access(
                warehouse, self._engine, everyone_reads("shop", project="demo-proj"), project="demo-proj"
            ),
            pause=_no_pause,
        )

    async def stop(self) -> None:
        self._service.delay_seconds = 0
        await self._stack.aclose()

    @property
    def jobs(self) -> list[str]:
        """At the server, since these daemons are there."""
        return [job for job in self._service.jobs if job not in self._jobs_before]

    @property
    def bytes_billed(self) -> int:
        return sum(self._service.jobs[job].bytes_billed for job in self.jobs)

    async def until_job(self, number: int = 1) -> str:
        async with asyncio.timeout(60):
            while len(self.jobs) < number:  # noqa: ASYNC110 - the service has no event for it
                await asyncio.sleep(0.01)
        return self.jobs[number - 1]


async def _no_pause(seconds: float) -> None: ...


@pytest_asyncio.fixture(loop_scope="module")
async def database(database_url: str) -> AsyncIterator[Database]:
    """On the loop of these tests."""
    async with open_database(database_url) as database:
        yield database


@pytest_asyncio.fixture(loop_scope="module")
async def daemons(
    shop: LocalBigQuery, engine: EngineThread, database: Database, tmp_path: Path
) -> AsyncIterator[Daemons]:
    key = tmp_path / "key.json"
    await asyncio.to_thread(write_credentials, key)
    daemons = Daemons(shop, engine, database, key)
    yield daemons
    await daemons.stop()


def request_of(name: str) -> QueryRequest:
    """A turn of its own for every test: the jobs of one BigQuery stay from test to test."""
    asker, room = Actor("U1SECRET", "T1"), Audience("channel", "C1")
    return QueryRequest(f"message:T1:C1:{name}", "T1:C1:1.0", asker, room, "How many?")


async def test_two_daemons_at_once_share_one_job(daemons: Daemons, shop: LocalBigQuery) -> None:
    first, second = await daemons.start(), await daemons.start()
    shop.delay_seconds = 0.3
    request = request_of("at-once")
    one, other = await asyncio.gather(first.run(SQL, request), second.run(SQL, request))
    assert (one.table, one.job_id, one.result_id) == (other.table, other.job_id, other.result_id)
    assert (daemons.jobs, daemons.bytes_billed) == ([one.job_id], ONE_RUN)


async def test_a_daemon_that_dies_between_insert_and_result_is_followed_by_one_that_attaches(
    daemons: Daemons, shop: LocalBigQuery
) -> None:
    first, second = await daemons.start(), await daemons.start()
    shop.delay_seconds = 0.3
    request = request_of("dies")
    dying = asyncio.create_task(first.run(SQL, request), name="dying")
    job = await daemons.until_job()
    dying.cancel()
    await asyncio.gather(dying, return_exceptions=True)
    assert (await second.run(SQL, request)).job_id == job
    assert (daemons.jobs, daemons.bytes_billed) == ([job], ONE_RUN)


async def test_an_expired_lease_while_the_first_still_runs_costs_nothing(daemons: Daemons, database: Database) -> None:
    """The first daemon's heart stands still, so a second one takes its turn: both run it to its end."""
    outcomes: list[QueryOutcome] = []
    second_is_in = asyncio.Event()
    both_are_done = asyncio.Event()
    request = request_of("lease")

    async def pool(inbox: PostgresInbox, *, is_first: bool, beat_seconds: float) -> WorkerPool:
        runner = await daemons.start()

        async def handle(attempt: Attempt) -> None:
            if not is_first:
                second_is_in.set()
            outcomes.append(await runner.run(SQL, request))
            if is_first:
                await second_is_in.wait()
            if len(outcomes) == 2:
                both_are_done.set()

        async def on_buried(item: Item, error: Exception) -> None:
            raise AssertionError(error)

        return WorkerPool(inbox, handle, on_buried, size=1, poll_seconds=0.1, beat_seconds=beat_seconds)

    lease = timedelta(seconds=0.5)
    async with (
        PostgresInbox(database, lease=lease).listening() as one,
        PostgresInbox(database, lease=timedelta(minutes=5)).listening() as two,
        asyncio.timeout(60),
    ):
        first = await pool(one, is_first=True, beat_seconds=3600)
        await one.put(turn("a"))
        working = [asyncio.create_task(first.run(), name="first")]
        await daemons.until_job()
        second = await pool(two, is_first=False, beat_seconds=0.2)
        working.append(asyncio.create_task(second.run(), name="second"))
        await both_are_done.wait()
        first.stop()
        second.stop()
        await asyncio.gather(*working)
    assert outcomes[0].table == outcomes[1].table
    assert (daemons.jobs, daemons.bytes_billed) == ([outcomes[0].job_id], ONE_RUN)


async def test_a_failed_job_is_run_again_once_whoever_asks(daemons: Daemons, shop: LocalBigQuery) -> None:
    first, second = await daemons.start(), await daemons.start()
    shop.delay_seconds = 3600
    request = request_of("failed")
    running = asyncio.create_task(first.run(SQL, request), name="running")
    failing = shop.jobs[await daemons.until_job()]
    async with asyncio.timeout(60):
        while failing.state != "RUNNING":  # noqa: ASYNC110 - as above; only then it has begun to wait
            await asyncio.sleep(0.01)
    shop.delay_seconds = 0
    failing.finish(None, BigQueryError(500, "backendError", "it was us"))
    outcome = await running
    assert daemons.jobs == [failing.id, outcome.job_id]
    assert daemons.bytes_billed == ONE_RUN
    assert (await second.run(SQL, request)).job_id == outcome.job_id
    assert (daemons.jobs, daemons.bytes_billed) == ([failing.id, outcome.job_id], ONE_RUN)


async def test_rows_that_are_gone_are_said_and_not_paid_for_again(daemons: Daemons, shop: LocalBigQuery) -> None:
    runner = await daemons.start()
    outcome = await runner.run(SQL, request_of("gone"))
    shop.jobs[outcome.job_id].rows = None
    with pytest.raises(ResultGone):
        await runner.run(SQL, request_of("gone"))
    assert (daemons.jobs, daemons.bytes_billed) == ([outcome.job_id], ONE_RUN)


async def test_every_job_carries_its_cap_its_timeout_and_its_labels(daemons: Daemons, shop: LocalBigQuery) -> None:
    runner = await daemons.start()
    outcome = await runner.run(SQL, request_of("labels"))
    configuration = shop.jobs[outcome.job_id].configuration
    assert configuration["query"]["maximumBytesBilled"] == str(LIMITS.max_bytes_billed)
    assert configuration["jobTimeoutMs"] == "90000"
    labels = configuration["labels"]
    assert set(labels) == {"app", "team", "channel", "user", "turn", "fingerprint"}
    assert (labels["team"], labels["channel"]) == ("t1", "c1")
    assert outcome.check.fingerprint.startswith(labels["fingerprint"])
    assert "u1secret" not in str(labels).lower()
