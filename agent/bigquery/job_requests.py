"""The requests about jobs, one blocking call each; every one has a timeout and a bounded retry."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, cast

from google.api_core import exceptions as api
from google.api_core.retry import Retry
from google.cloud import bigquery

from agent.bigquery.cells import column_of
from agent.bigquery.errors import is_retryable_request
from agent.bigquery.result_pages import ResultPages
from agent.bigquery.warehouse import DryRun, Job, JobBill, Ran
from agent.errors import WarehouseError
from agent.turn import Table

REQUEST_SECONDS: Final = 20.0
"""One request's wait for its answer."""


def bounded_retry(seconds: float, *, even_not_found: bool = False) -> Retry:
    """Retries for *seconds* in all. The library's own defaults held a dead endpoint for 554 s."""

    def is_retryable(error: BaseException) -> bool:
        return is_retryable_request(error) or (even_not_found and isinstance(error, api.NotFound))

    return Retry(predicate=is_retryable, initial=0.2, maximum=3.0, multiplier=2.0, timeout=seconds)


@dataclass(frozen=True, slots=True)
class Attached:
    query: bigquery.QueryJob
    was_found_finished: bool
    """The job was there and done before this call: an earlier attempt of the same turn."""


class JobRequests:
    """The client is used from several threads; a QueryJob from one at a time."""

    def __init__(self, client: bigquery.Client, retry_seconds: float) -> None:
        self._client = client
        self._retry = bounded_retry(retry_seconds)
        # Right after "409: that job exists" a GET may still answer 404 for a moment.
        self._retry_just_inserted = bounded_retry(retry_seconds, even_not_found=True)
        self.results = ResultPages(client, self._retry)

    def price(self, sql: str) -> bigquery.QueryJob:
        config = bigquery.QueryJobConfig(dry_run=True, use_query_cache=False, use_legacy_sql=False)
        return self._client.query(sql, job_config=config, retry=self._retry, timeout=REQUEST_SECONDS, job_retry=None)

    def insert_or_attach(self, job: Job) -> Attached:
        config = bigquery.QueryJobConfig(
            use_legacy_sql=False,
            use_query_cache=job.use_cache,
            maximum_bytes_billed=job.maximum_bytes_billed,
            labels=dict(job.labels),
            job_timeout_ms=int(job.timeout_seconds * 1000),
        )
        try:
            query = self._client.query(
                job.sql, job_config=config, job_id=job.id, retry=self._retry, timeout=REQUEST_SECONDS, job_retry=None
            )
        except api.Conflict:
            # Ours from before a crash, or from this very call: its first reply was lost and the retry met it.
            return self._attach(job)
        return Attached(query, was_found_finished=False)

    def refresh(self, query: bigquery.QueryJob) -> None:
        query.reload(retry=self._retry, timeout=REQUEST_SECONDS)

    def find_bill(self, job_id: str) -> JobBill:
        found = self._client.get_job(job_id, retry=self._retry, timeout=REQUEST_SECONDS)
        if not isinstance(found, bigquery.QueryJob):
            raise WarehouseError(f"job {job_id} is no query")
        error = found.error_result or {}
        return JobBill(found.state == "DONE", int(found.total_bytes_billed or 0), str(error.get("reason", "")))

    def cancel(self, job_id: str) -> None:
        self._client.cancel_job(job_id, retry=self._retry, timeout=REQUEST_SECONDS)

    def _attach(self, job: Job) -> Attached:
        found = self._client.get_job(job.id, retry=self._retry_just_inserted, timeout=REQUEST_SECONDS)
        if not isinstance(found, bigquery.QueryJob) or found.query != job.sql:
            # The id holds the statement's fingerprint: only somebody else's job can get here.
            raise WarehouseError(f"job {job.id} is another statement's")
        return Attached(found, was_found_finished=found.state == "DONE")


def dry_run_of(query: bigquery.QueryJob) -> DryRun:
    statistics = _query_statistics(query)
    return DryRun(
        statement_type=query.statement_type or "",
        bytes_processed=int(query.total_bytes_processed or 0),
        accuracy=str(statistics.get("totalBytesProcessedAccuracy") or "UNKNOWN"),
        referenced_tables=tuple(f"{t.project}.{t.dataset_id}.{t.table_id}" for t in query.referenced_tables),
        schema=tuple(column_of(field) for field in query.schema or ()),
        referenced_routines=tuple(
            ".".join((routine["projectId"], routine["datasetId"], routine["routineId"]))
            for routine in statistics.get("referencedRoutines", ())
        ),
    )


def ran_of(query: bigquery.QueryJob, table: Table) -> Ran:
    return Ran(
        job_id=str(query.job_id),
        table=table,
        bytes_processed=int(query.total_bytes_processed or 0),
        bytes_billed=int(query.total_bytes_billed or 0),
        cache_hit=bool(query.cache_hit),
        started_at=query.started,
    )


def _query_statistics(query: bigquery.QueryJob) -> Mapping[str, Any]:
    # The library has no accessor for the accuracy of a dry run nor for its routines.
    properties = cast("Mapping[str, Any]", query._properties)  # pyright: ignore[reportPrivateUsage]
    return properties.get("statistics", {}).get("query", {})
