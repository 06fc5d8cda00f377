"""The warehouse as the agent sees it: dry runs, jobs that can be re-attached, table descriptions."""

from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from agent.turn import Cell, Column, Table


@dataclass(frozen=True, slots=True)
class DryRun:
    """BigQuery's own word on a statement, for nothing."""

    statement_type: str
    """SELECT, INSERT, SCRIPT, ..."""
    bytes_processed: int
    accuracy: str
    """PRECISE, LOWER_BOUND, UPPER_BOUND or UNKNOWN."""
    referenced_tables: tuple[str, ...]
    """`project.dataset.table` of the base tables."""
    schema: tuple[Column, ...]
    referenced_routines: tuple[str, ...] = ()
    """`project.dataset.routine` of the stored functions it would call."""


@dataclass(frozen=True, slots=True)
class Job:
    """One billed query. The same id is the same job: a second insert re-attaches to the first."""

    id: str
    sql: str
    maximum_bytes_billed: int
    timeout_seconds: float
    labels: Mapping[str, str] = field(default_factory=dict[str, str])
    max_rows: int = 1000
    """Rows fetched; the result says how many there are."""
    use_cache: bool = True
    """Whether BigQuery may give back the rows of an earlier job of its own."""


@dataclass(frozen=True, slots=True)
class Ran:
    """A finished job."""

    job_id: str
    table: Table
    bytes_processed: int
    bytes_billed: int
    cache_hit: bool
    started_at: datetime | None = None
    """By BigQuery's clock: it read the tables as they were then."""


@dataclass(frozen=True, slots=True)
class Page:
    """Some consecutive rows of a result."""

    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    first: int
    """Index of the first of them in the whole result."""
    total_rows: int


@dataclass(frozen=True, slots=True)
class JobBill:
    """BigQuery's own account of a job, whoever ran it and whatever became of it."""

    is_done: bool
    bytes_billed: int
    error: str = ""
    """BigQuery's reason, where it failed or was stopped."""


@dataclass(frozen=True, slots=True)
class ColumnInfo:
    name: str
    type: str
    description: str = ""
    policy_tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TableInfo:
    """A table as the catalogue knows it. `name` is `project.dataset.table`; date shards are folded into `..._*`."""

    name: str
    columns: tuple[ColumnInfo, ...]
    description: str = ""
    rows: int | None = None
    view_query: str = ""
    """A view's own SQL; empty for a table."""


@dataclass(frozen=True, slots=True)
class TableState:
    """How a table stands now: two states that are equal hold the same rows."""

    name: str
    kind: str
    """TABLE, VIEW, MATERIALIZED_VIEW, EXTERNAL, SNAPSHOT, ..."""
    modified_at: datetime | None
    """By BigQuery's clock, of rows and description alike; None where it does not say."""
    rows: int | None = None
    view_query: str = ""
    may_change_unseen: bool = False
    """Rows come or go without `modified_at`: they are streamed in, run out of time, or lie elsewhere."""


class Warehouse(Protocol):
    """Errors are `agent.errors.WarehouseError`; nothing of google.* leaves the implementation."""

    async def dry_run(self, sql: str) -> DryRun:
        """Price *sql* without running it. InvalidQuery carries BigQuery's own message."""
        ...

    async def run(self, job: Job) -> Ran:
        """Insert *job*, or re-attach to the job of that id, and wait for it.

        A cancelled call leaves the job alone: after a shutdown the turn's next run attaches to it.
        """
        ...

    def pages(self, job_id: str, *, page_rows: int) -> AsyncGenerator[Page]:
        """The whole result of a finished job, in order, at least one page; a page is fetched when it is asked for.

        ResultGone once BigQuery has dropped the rows, about 24 hours after the run.
        """
        ...

    async def cancel(self, job_id: str) -> None:
        """End the job, wherever it is; nothing happens to one that is done."""
        ...

    async def find_bill(self, job_id: str) -> JobBill | None:
        """What the job has cost so far. None when no job of that id was ever inserted."""
        ...

    async def describe_tables(self, dataset: str) -> tuple[TableInfo, ...]:
        """Every table of `project.dataset`, with its columns and their descriptions."""
        ...

    async def table_state(self, name: str) -> TableState:
        """How `project.dataset.table`, or the view of that name, stands now; asked anew each time."""
        ...
