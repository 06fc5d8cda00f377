"""A `Warehouse` that answers from a list, keeps jobs by their id as BigQuery does, and remembers what was asked."""

import asyncio
from collections.abc import AsyncGenerator, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from agent.bigquery.pricing import billable_bytes
from agent.bigquery.shards import fold_shards
from agent.bigquery.warehouse import DryRun, Job, JobBill, Page, Ran, TableInfo, TableState
from agent.errors import (
    BytesBilledExceeded,
    InvalidQuery,
    JobCancelled,
    JobFailed,
    ResultGone,
    WarehouseError,
    WarehouseUnavailable,
)
from agent.turn import Column, Table

EMPTY = Table((), (), 0)


@dataclass(frozen=True, slots=True)
class Statement:
    """What the warehouse knows of one statement's text."""

    table: Table = EMPTY
    bytes_processed: int = 0
    tables: tuple[str, ...] = ()
    statement_type: str = "SELECT"
    accuracy: str = "PRECISE"
    routines: tuple[str, ...] = ()

    @property
    def billed(self) -> int:
        return billable_bytes(self.bytes_processed, len(self.tables))

    def dry_run(self) -> DryRun:
        return DryRun(
            self.statement_type, self.bytes_processed, self.accuracy, self.tables, self.table.columns, self.routines
        )


@dataclass
class FakeJob:
    job: Job
    statement: Statement
    done: asyncio.Event = field(default_factory=asyncio.Event)
    error: WarehouseError | None = None
    is_cancelled: bool = False
    started_at: datetime = field(default_factory=lambda: datetime.now(UTC))


class FakeWarehouse:
    """`knows(sql, Statement(...))`. `hold()` keeps later jobs running until `release()` or `cancel`."""

    def __init__(self) -> None:
        self.dry_runs: list[str] = []
        self.asked_to_run: list[Job] = []
        """Every call of `run`, re-attachments included."""
        self.jobs: dict[str, FakeJob] = {}
        """What was really inserted, and would be billed, by job id."""
        self.datasets: dict[str, list[TableInfo]] = {}
        self.broken_tables: set[str] = set()
        self.broken_dry_runs: set[str] = set()
        self.gone: set[str] = set()
        """Jobs whose rows are no longer kept."""
        self.pages_read = 0
        self.inserted = asyncio.Event()
        """Set by the first job."""
        self.states: dict[str, TableState] = {}
        """What is not here is a table that was last modified in 2025."""
        self.states_asked: list[str] = []
        self._statements: dict[str, Statement] = {}
        self._failures: list[WarehouseError] = []
        self._holding = False

    def knows(self, sql: str, statement: Statement) -> None:
        self._statements[sql] = statement

    def hold(self) -> None:
        self._holding = True

    def release(self) -> None:
        self._holding = False
        for job in self.jobs.values():
            job.done.set()

    def fail_next_jobs(self, *errors: WarehouseError) -> None:
        """The next jobs that are inserted end in these errors, for good."""
        self._failures += errors

    async def dry_run(self, sql: str) -> DryRun:
        self.dry_runs.append(sql)
        if sql in self.broken_dry_runs:
            raise WarehouseUnavailable(sql)
        return self._statement(sql).dry_run()

    async def run(self, job: Job) -> Ran:
        self.asked_to_run.append(job)
        running, is_found_finished = self._insert_or_attach(job)
        await running.done.wait()
        if running.is_cancelled:
            raise JobFailed("stopped", reason="stopped") if is_found_finished else JobCancelled("stopped")
        if running.error is not None:
            raise running.error
        return self._ran(running)

    async def pages(self, job_id: str, *, page_rows: int) -> AsyncGenerator[Page]:
        if job_id in self.gone or job_id not in self.jobs:
            raise ResultGone(f"Not found: {job_id}")
        table = self.jobs[job_id].statement.table
        for first in range(0, max(1, len(table.rows)), page_rows):
            self.pages_read += 1
            yield Page(table.columns, table.rows[first : first + page_rows], first, len(table.rows))

    async def cancel(self, job_id: str) -> None:
        job = self.jobs[job_id]
        job.is_cancelled = job.is_cancelled or not job.done.is_set()
        job.done.set()

    async def find_bill(self, job_id: str) -> JobBill | None:
        if job_id not in self.jobs:
            return None
        job = self.jobs[job_id]
        error = "stopped" if job.is_cancelled else type(job.error).__name__ if job.error else ""
        is_done = job.done.is_set()
        return JobBill(is_done, job.statement.billed if is_done and not error else 0, error)

    async def describe_tables(self, dataset: str) -> tuple[TableInfo, ...]:
        tables = {table.name.rsplit(".", 1)[-1]: table for table in self.datasets.get(dataset, ())}
        families = [family for family in fold_shards(tables) if family.newest not in self.broken_tables]
        return tuple(
            TableInfo(f"{dataset}.{family.name}", tables[family.newest].columns, tables[family.newest].description)
            for family in families
        )

    async def table_state(self, name: str) -> TableState:
        self.states_asked.append(name)
        if name in self.broken_tables:
            raise WarehouseUnavailable(name)
        return self.states.get(name) or TableState(name, "TABLE", datetime(2025, 1, 1, tzinfo=UTC), rows=1)

    def _insert_or_attach(self, job: Job) -> tuple[FakeJob, bool]:
        if job.id in self.jobs:
            known = self.jobs[job.id]
            if known.job.sql != job.sql:
                raise WarehouseError(f"job {job.id} is another statement's")
            return known, known.done.is_set()
        statement = self._statement(job.sql)
        running = FakeJob(job, statement)
        self.jobs[job.id] = running
        self.inserted.set()
        if statement.billed > job.maximum_bytes_billed:
            running.error = BytesBilledExceeded(f"{statement.billed} or higher required.")
        elif self._failures:
            running.error = self._failures.pop(0)
        if not self._holding or running.error is not None:
            running.done.set()
        return running, False

    def _statement(self, sql: str) -> Statement:
        if sql not in self._statements:
            raise InvalidQuery(f"Syntax error: nobody taught this warehouse: {sql}")
        return self._statements[sql]

    def _ran(self, running: FakeJob) -> Ran:
        table = running.statement.table
        rows = table.rows[: running.job.max_rows]
        return Ran(
            running.job.id,
            Table(table.columns, rows, table.total_rows),
            running.statement.bytes_processed,
            running.statement.billed,
            cache_hit=False,
            started_at=running.started_at,
        )


def table_of(columns: Iterable[tuple[str, str]], *rows: tuple[object, ...]) -> Table:
    return Table(tuple(Column(name, kind) for name, kind in columns), rows, len(rows))
