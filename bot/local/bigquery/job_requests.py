"""What a client asks of a query job, read from jobs.insert and from jobs.query alike."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.local.bigquery.errors import BigQueryError

_QUERY_KEYS = ("query", "maximumBytesBilled", "useLegacySql", "defaultDataset", "queryParameters")


@dataclass(frozen=True, slots=True)
class JobRequest:
    job_id: str
    sql: str
    dry_run: bool
    maximum_bytes_billed: int | None
    timeout_ms: int | None
    configuration: Mapping[str, Any]


def from_insert(body: Mapping[str, Any]) -> JobRequest:
    """jobs.insert: a whole `Job` resource."""
    reference = body.get("jobReference") or {}
    return _job_request(reference.get("jobId"), body.get("configuration") or {})


def from_query(body: Mapping[str, Any]) -> JobRequest:
    """jobs.query: the same in a flat form, with an id that the service chooses."""
    configuration: dict[str, Any] = {"query": {key: body[key] for key in _QUERY_KEYS if key in body}}
    configuration |= {key: body[key] for key in ("dryRun", "labels", "jobTimeoutMs") if key in body}
    return _job_request(None, configuration)


def _job_request(job_id: str | None, configuration: Mapping[str, Any]) -> JobRequest:
    query = configuration.get("query")
    if not isinstance(query, dict):
        raise BigQueryError(400, "notImplemented", "This local BigQuery runs query jobs only.")
    if query.get("useLegacySql"):
        raise BigQueryError(400, "notImplemented", "This local BigQuery does not speak legacy SQL.")
    if query.get("queryParameters"):
        raise BigQueryError(400, "notImplemented", "This local BigQuery does not take query parameters.")
    sql = query.get("query")
    if not isinstance(sql, str) or not sql.strip():
        raise BigQueryError(400, "required", "Required parameter is missing: query")
    return JobRequest(
        job_id=job_id or f"job_{uuid.uuid4().hex}",
        sql=sql,
        dry_run=bool(configuration.get("dryRun")),
        maximum_bytes_billed=_int_or_none(query.get("maximumBytesBilled"), "maximumBytesBilled"),
        timeout_ms=_int_or_none(configuration.get("jobTimeoutMs"), "jobTimeoutMs"),
        configuration=configuration,
    )


def _int_or_none(value: object, name: str) -> int | None:
    # The API writes 64-bit numbers as text.
    if value is None:
        return None
    try:
        return int(str(value))
    except ValueError:
        raise BigQueryError(400, "invalid", f"Invalid value for {name}: {value}") from None
