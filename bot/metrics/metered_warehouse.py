"""BigQuery, counted: jobs by how they end, and failures in a row over requests of every kind."""

from collections.abc import AsyncGenerator, Generator
from contextlib import aclosing, contextmanager
from typing import Final

from agent.bigquery.warehouse import DryRun, Job, JobBill, Page, Ran, TableInfo, TableState, Warehouse
from agent.errors import QuotaExceeded, WarehouseError, WarehouseUnavailable
from bot.metrics.instruments import Instruments
from bot.metrics.streak import Streak

DONE: Final = "done"
OUTCOMES: Final = (
    DONE,
    "access_denied",
    "bytes_billed_exceeded",
    "invalid_query",
    "job_cancelled",
    "job_failed",
    "job_timed_out",
    "not_found",
    "quota_exceeded",
    "rate_limited",
    "warehouse",
    "warehouse_unavailable",
)
"""The errors by their codes, which `agent.errors` keeps."""


class MeteredWarehouse:
    """A `Warehouse`. What was billed is counted where it is settled (`MeteredBudgets`): jobs are attached to again."""

    def __init__(self, warehouse: Warehouse, instruments: Instruments, streak: Streak) -> None:
        self._warehouse = warehouse
        self._jobs = instruments.jobs
        self._streak = streak

    async def dry_run(self, sql: str) -> DryRun:
        with self._watched():
            return await self._warehouse.dry_run(sql)

    async def run(self, job: Job) -> Ran:
        try:
            with self._watched():
                ran = await self._warehouse.run(job)
        except WarehouseError as error:
            self._jobs.labels(error.code.removeprefix("error.")).inc()
            raise
        self._jobs.labels(DONE).inc()
        return ran

    async def pages(self, job_id: str, *, page_rows: int) -> AsyncGenerator[Page]:
        async with aclosing(self._warehouse.pages(job_id, page_rows=page_rows)) as pages:
            with self._watched():
                async for page in pages:
                    yield page

    async def cancel(self, job_id: str) -> None:
        with self._watched():
            await self._warehouse.cancel(job_id)

    async def find_bill(self, job_id: str) -> JobBill | None:
        with self._watched():
            return await self._warehouse.find_bill(job_id)

    async def describe_tables(self, dataset: str) -> tuple[TableInfo, ...]:
        with self._watched():
            return await self._warehouse.describe_tables(dataset)

    async def table_state(self, name: str) -> TableState:
        with self._watched():
            return await self._warehouse.table_state(name)

    @contextmanager
    def _watched(self) -> Generator[None]:
        """A refusal is an answer; a quota that is used up stops everybody until tomorrow."""
        try:
            yield
        except (WarehouseUnavailable, QuotaExceeded):
            self._streak.failed()
            raise
        except WarehouseError:
            self._streak.answered()
            raise
        else:
            self._streak.answered()
