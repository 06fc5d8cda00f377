"""BigQuery, traced: what was asked of it by the name of the operation, with jobs' ids and bytes. Never a statement."""

from collections.abc import AsyncGenerator
from contextlib import AbstractContextManager, aclosing
from typing import Final

from opentelemetry.trace import Span

from agent.bigquery.warehouse import DryRun, Job, JobBill, Page, Ran, TableInfo, TableState, Warehouse
from bot.tracing.spans import Spans, tell
from bot.tracing.tracing import Attribute

SYSTEM: Final = "gcp.bigquery"
JOB: Final = "slackbot.bigquery.job_id"


class TracedWarehouse:
    """A `Warehouse`."""

    def __init__(self, warehouse: Warehouse, spans: Spans) -> None:
        self._warehouse = warehouse
        self._spans = spans

    async def dry_run(self, sql: str) -> DryRun:
        with self._asking("dry_run") as span:
            dry = await self._warehouse.dry_run(sql)
            tell(span, {"slackbot.bigquery.bytes_estimated": dry.bytes_processed})
        return dry

    async def run(self, job: Job) -> Ran:
        with self._asking("query", job.id) as span:
            ran = await self._warehouse.run(job)
            told = {
                "slackbot.bigquery.bytes_processed": ran.bytes_processed,
                "slackbot.bigquery.bytes_billed": ran.bytes_billed,
                "slackbot.bigquery.cache_hit": ran.cache_hit,
                "db.response.returned_rows": ran.table.total_rows,
            }
            tell(span, told)
        return ran

    async def pages(self, job_id: str, *, page_rows: int) -> AsyncGenerator[Page]:
        """A span for each page: what its reader does between two of them is no part of either."""
        async with aclosing(self._warehouse.pages(job_id, page_rows=page_rows)) as pages:
            while True:
                with self._asking("read_page", job_id) as span:
                    page = await anext(pages, None)
                    tell(span, {"db.response.returned_rows": len(page.rows) if page else 0})
                if page is None:
                    return
                yield page

    async def cancel(self, job_id: str) -> None:
        with self._asking("cancel", job_id):
            await self._warehouse.cancel(job_id)

    async def find_bill(self, job_id: str) -> JobBill | None:
        with self._asking("find_bill", job_id):
            return await self._warehouse.find_bill(job_id)

    async def describe_tables(self, dataset: str) -> tuple[TableInfo, ...]:
        with self._asking("describe_tables"):
            return await self._warehouse.describe_tables(dataset)

    async def table_state(self, name: str) -> TableState:
        with self._asking("table_state"):
            return await self._warehouse.table_state(name)

    def _asking(self, operation: str, job: str | None = None) -> AbstractContextManager[Span]:
        told: dict[str, Attribute] = {"db.system.name": SYSTEM, "db.operation.name": operation, JOB: job}
        return self._spans.open(f"bigquery {operation}", told, calls_out=True)
