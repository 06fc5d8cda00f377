"""Jobs and their results as the REST API shows them."""

from typing import Any, Literal, TypeAlias

from bot.local.bigquery.catalog import CatalogTable
from bot.local.bigquery.cells import rest_row
from bot.local.bigquery.job_requests import JobRequest
from bot.local.bigquery.jobs import Job
from bot.local.bigquery.schema import Project
from bot.local.bigquery.warehouse import Plan, Rows

Resource: TypeAlias = dict[str, Any]
Accuracy: TypeAlias = Literal["PRECISE", "LOWER_BOUND", "UPPER_BOUND"]
"""What a dry run's bytes are: of external tables, for one, BigQuery knows a lower bound only."""

USER_EMAIL = "data-bolt@demo-proj.iam.gserviceaccount.com"


def table_reference(table: CatalogTable) -> Resource:
    project, dataset, name = table.full_name.split(".", 2)
    return {"projectId": project, "datasetId": dataset, "tableId": name}


def job_reference(project: Project, job_id: str) -> Resource:
    return {"projectId": project.id, "jobId": job_id, "location": project.location}


def dry_run(project: Project, request: JobRequest, plan: Plan, accuracy: Accuracy) -> Resource:
    """A dry run is a job without an id, done at once."""
    query = {**_plan_statistics(plan), "totalBytesProcessedAccuracy": accuracy}
    return {
        "kind": "bigquery#job",
        "jobReference": {"projectId": project.id, "location": project.location},
        "configuration": {**request.configuration, "jobType": "QUERY", "dryRun": True},
        "statistics": {
            "totalBytesProcessed": str(plan.bytes_processed),
            "query": {**query, "totalBytesBilled": "0", "schema": {"fields": list(plan.schema)}},
        },
        "status": {"state": "DONE"},
        "user_email": USER_EMAIL,
    }


def job(project: Project, it: Job) -> Resource:
    destination = {"projectId": project.id, "datasetId": "_local", "tableId": f"anon{it.id}"}
    query = {**it.configuration["query"], "destinationTable": destination}
    status: Resource = {"state": it.state}
    if it.error is not None:
        status |= {"errorResult": it.error.error_proto(), "errors": [it.error.error_proto()]}
    return {
        "kind": "bigquery#job",
        "id": f"{project.id}:{project.location}.{it.id}",
        "jobReference": job_reference(project, it.id),
        "configuration": {**it.configuration, "jobType": "QUERY", "query": query},
        "statistics": _statistics(it),
        "status": status,
        "user_email": USER_EMAIL,
    }


def listed_job(project: Project, it: Job) -> Resource:
    """A job in jobs.list has its state at the top too."""
    return {**job(project, it), "state": it.state}


def _statistics(it: Job) -> Resource:
    statistics: Resource = {"creationTime": str(it.created_ms)}
    if it.started_ms is not None:
        statistics["startTime"] = str(it.started_ms)
    if it.state == "DONE":
        statistics |= {
            "endTime": str(it.ended_ms),
            "totalBytesProcessed": str(it.plan.bytes_processed),
            "query": {
                **_plan_statistics(it.plan),
                "totalBytesBilled": str(it.bytes_billed),
                "cacheHit": False,
                "schema": {"fields": list(it.plan.schema)},
            },
        }
    else:
        statistics["query"] = {"statementType": it.plan.statement_type}
    return statistics


def _plan_statistics(plan: Plan) -> Resource:
    return {
        "statementType": plan.statement_type,
        "totalBytesProcessed": str(plan.bytes_processed),
        "totalBytesProcessedAccuracy": "PRECISE",
        "referencedTables": [table_reference(table) for table in plan.tables],
    }


def unfinished_results(project: Project, it: Job) -> Resource:
    return {
        "kind": "bigquery#getQueryResultsResponse",
        "jobReference": job_reference(project, it.id),
        "jobComplete": False,
    }


def results(project: Project, it: Job, page: Resource) -> Resource:
    return {
        "kind": "bigquery#getQueryResultsResponse",
        "jobReference": job_reference(project, it.id),
        "jobComplete": True,
        "schema": {"fields": list(it.plan.schema)},
        "totalBytesProcessed": str(it.plan.bytes_processed),
        "totalBytesBilled": str(it.bytes_billed),
        "cacheHit": False,
        **page,
    }


def rows_page(rows: Rows, start: int, size: int, *, int64_timestamps: bool) -> Resource:
    """Rows *start* up to *start* + *size*, with a token for the next page where there is one."""
    end = min(len(rows.rows), start + size)
    shown = [rest_row(row.cell, rows.types, int64_timestamps=int64_timestamps) for row in rows.rows[start:end]]
    page: Resource = {"totalRows": str(len(rows.rows)), "rows": shown}
    if end < len(rows.rows):
        page["pageToken"] = str(end)
    return page
