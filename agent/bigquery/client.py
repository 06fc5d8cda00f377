"""The warehouse over Google's own BigQuery client: synchronous, so in threads, and never for longer than one request.

Waiting for a job happens on the event loop between short polls: no thread is held while BigQuery works. A cancelled
caller is heard at once, and its job goes on: who comes back attaches to it, who means to end it calls `cancel`.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from contextvars import copy_context
from functools import partial
from pathlib import Path
from typing import Final, TypeVar

import google.auth
import structlog
from google.api_core.client_options import ClientOptions
from google.cloud import bigquery

from agent.bigquery.credentials import SCOPES, UnusableCredentials, load_credentials
from agent.bigquery.errors import job_error, warehouse_error
from agent.bigquery.job_requests import Attached, JobRequests, dry_run_of, ran_of
from agent.bigquery.shards import TableFamily
from agent.bigquery.table_requests import TableRequests
from agent.bigquery.warehouse import DryRun, Job, JobBill, Page, Ran, TableInfo, TableState
from agent.errors import CredentialsRefused, JobTimedOut, NotFound, ResultGone, WarehouseError

log = structlog.get_logger(__name__)

# requests keeps 10 connections; a thread more than that would wait for one inside the library, unseen.
_THREADS: Final = 8
RETRY_SECONDS: Final = 30.0
_FIRST_POLL_SECONDS: Final = 0.05
_SLOWEST_POLL_SECONDS: Final = 2.0
# BigQuery ends a job at its own timeout, counted from its start; this much later we stop believing that it will.
_TIMEOUT_GRACE_SECONDS: Final = 60.0
_CLOSE_SECONDS: Final = 15.0

T = TypeVar("T")


class BigQueryWarehouse:
    """`agent.bigquery.warehouse.Warehouse`. Open it with `open`; errors are `agent.errors.WarehouseError`."""

    def __init__(self, client: bigquery.Client, *, retry_seconds: float = RETRY_SECONDS) -> None:
        self._jobs = JobRequests(client, retry_seconds)
        self._tables = TableRequests(client, retry_seconds)
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="bigquery")
        self._inserting: dict[str, asyncio.Task[Attached]] = {}
        """By job id. An insert is never abandoned half way: a later `cancel` has to come after it."""
        self._cancelling: set[asyncio.Task[None]] = set()

    @classmethod
    @asynccontextmanager
    async def open(
        cls,
        project: str,
        location: str,
        *,
        api_endpoint: str | None = None,
        credentials_path: Path | None = None,
        retry_seconds: float = RETRY_SECONDS,
    ) -> "AsyncGenerator[BigQueryWarehouse]":
        """Connect as the key or federation of *credentials_path*, else with Application Default Credentials.

        No request is made yet. *retry_seconds* is how long a request is repeated while nobody answers it.
        Raises AccessDenied where there are no credentials.
        """
        try:
            client = await asyncio.to_thread(_open_client, project, location, api_endpoint, credentials_path)
        except WarehouseError:
            raise
        except Exception as error:  # boundary: Google's exceptions end here
            raise warehouse_error(error) from error
        warehouse = cls(client, retry_seconds=retry_seconds)
        try:
            yield warehouse
        finally:
            await warehouse.close()
            await asyncio.to_thread(client.close)

    async def close(self) -> None:
        """Wait for the inserts and cancellations that are under way, then end the threads."""
        if under_way := {*self._inserting.values(), *self._cancelling}:
            await asyncio.wait(under_way, timeout=_CLOSE_SECONDS)
        for task in under_way:
            task.cancel()
        await asyncio.to_thread(self._threads.shutdown, cancel_futures=True)

    async def dry_run(self, sql: str) -> DryRun:
        return await self._in_thread(lambda: dry_run_of(self._jobs.price(sql)))

    async def run(self, job: Job) -> Ran:
        attached = await self._insert(job)
        try:
            await self._wait_until_done(attached.query, job)
        except JobTimedOut:
            self._cancel_soon(job.id)
            raise
        if error := attached.query.error_result:
            raise job_error(error, was_found_finished=attached.was_found_finished)
        table = await self._read_rows(lambda: self._jobs.results.first_rows(job.id, job.max_rows))
        return ran_of(attached.query, table)

    async def pages(self, job_id: str, *, page_rows: int) -> AsyncGenerator[Page]:
        """One page is held here, however long the reader takes with it."""
        first, token = 0, None
        while True:
            fetch = partial(self._jobs.results.fetch, job_id, page_rows, token, first=first)
            fetched = await self._read_rows(fetch)
            first, token = first + len(fetched.page.rows), fetched.next_token
            yield fetched.page
            if token is None:
                return
            del fetched  # before the next one comes: two pages side by side are twice the memory

    async def cancel(self, job_id: str) -> None:
        if inserting := self._inserting.get(job_id):
            await asyncio.wait([inserting])
        await self._in_thread(lambda: self._jobs.cancel(job_id))
        log.info("bigquery.job_cancelled", job=job_id)

    async def find_bill(self, job_id: str) -> JobBill | None:
        try:
            return await self._in_thread(lambda: self._jobs.find_bill(job_id))
        except NotFound:
            return None

    async def describe_tables(self, dataset: str) -> tuple[TableInfo, ...]:
        families = await self._in_thread(lambda: self._tables.families(dataset))
        return await self._describe_all(dataset, families)

    async def table_state(self, name: str) -> TableState:
        """How `project.dataset.table` stands now; asked anew each time."""
        return await self._in_thread(lambda: self._tables.state(name))

    async def dataset_location(self, dataset: str) -> str:
        """Where `project.dataset` lies (`US`, `asia-northeast3`), for who may also list its tables."""
        return await self._in_thread(lambda: self._tables.dataset_location(dataset))

    async def _insert(self, job: Job) -> Attached:
        insert = asyncio.create_task(
            self._in_thread(lambda: self._jobs.insert_or_attach(job)), name=f"bigquery.insert.{job.id}"
        )
        self._inserting[job.id] = insert
        insert.add_done_callback(lambda task: self._forget_insert(job.id, task))
        return await asyncio.shield(insert)

    def _forget_insert(self, job_id: str, task: "asyncio.Task[Attached]") -> None:
        if self._inserting.get(job_id) is task:  # two runs of one job at once have an insert each
            del self._inserting[job_id]

    async def _wait_until_done(self, query: bigquery.QueryJob, job: Job) -> None:
        delay = _FIRST_POLL_SECONDS
        give_up_at = asyncio.get_running_loop().time() + job.timeout_seconds + _TIMEOUT_GRACE_SECONDS
        while query.state != "DONE":
            if asyncio.get_running_loop().time() > give_up_at:
                raise JobTimedOut(f"job {job.id} is still {query.state}")
            await asyncio.sleep(delay)
            delay = min(delay * 1.5, _SLOWEST_POLL_SECONDS)
            await self._in_thread(lambda: self._jobs.refresh(query))

    def _cancel_soon(self, job_id: str) -> None:
        """Cancel at BigQuery in a task of its own: the one who gave up waiting is not to wait for this."""
        task = asyncio.create_task(self._try_to_cancel(job_id), name=f"bigquery.cancel.{job_id}")
        self._cancelling.add(task)
        task.add_done_callback(self._cancelling.discard)

    async def _try_to_cancel(self, job_id: str) -> None:
        try:
            await self.cancel(job_id)
        except WarehouseError as error:
            log.warning("bigquery.cancel_failed", job=job_id, error=error.detail)

    async def _describe_all(self, dataset: str, families: tuple[TableFamily, ...]) -> tuple[TableInfo, ...]:
        # Fewer at once than threads: a refresh of the catalogue must not keep questions waiting.
        turnstile = asyncio.Semaphore(_THREADS // 2)

        async def describe(family: TableFamily) -> TableInfo | None:
            async with turnstile:
                try:
                    return await self._in_thread(lambda: self._tables.describe(dataset, family))
                except WarehouseError as error:
                    log.warning("bigquery.table_skipped", dataset=dataset, table=family.name, error=error.detail)
                    return None

        described = await asyncio.gather(*(describe(family) for family in families))
        return tuple(table for table in described if table is not None)

    async def _read_rows(self, call: Callable[[], T]) -> T:
        """The statement has run: what is not found now is its result, and none of the names in it."""
        try:
            return await self._in_thread(call)
        except NotFound as error:
            raise ResultGone(error.detail) from error

    async def _in_thread(self, call: Callable[[], T]) -> T:
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, copy_context().run, call)
        except WarehouseError:
            raise
        except Exception as error:  # boundary: nothing of google.* leaves this module
            raise warehouse_error(error) from error


def _open_client(
    project: str, location: str, api_endpoint: str | None, credentials_path: Path | None
) -> bigquery.Client:
    if credentials_path is None:
        credentials, _ = google.auth.default(scopes=SCOPES)
    else:
        try:
            credentials = load_credentials(credentials_path)
        except UnusableCredentials as error:
            raise CredentialsRefused(str(error)) from error
    # The key says which of Google's clouds it is for; without this the client would take the public one for granted.
    options = ClientOptions(api_endpoint=api_endpoint, universe_domain=credentials.universe_domain)
    return bigquery.Client(project=project, credentials=credentials, location=location, client_options=options)
