"""BigQuery's errors: an HTTP status, a reason that programs read, a message that people read."""

from typing import Any

_STATUS_NAME = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    409: "ALREADY_EXISTS",
    500: "INTERNAL",
}

HTTP_STATUS_OF_REASON = {"accessDenied": 403, "notFound": 404, "duplicate": 409, "backendError": 500}
"""Where a failed job's results are asked for; every other reason is a 400."""


class BigQueryError(Exception):
    """A request that BigQuery refuses."""

    def __init__(self, status: int, reason: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.reason = reason
        self.message = message

    def error_proto(self) -> dict[str, str]:
        """As it stands in a job's `errorResult`."""
        return {"reason": self.reason, "message": self.message}

    def body(self) -> dict[str, Any]:
        """As the whole answer to a request."""
        return {
            "error": {
                "code": self.status,
                "message": self.message,
                "errors": [{"message": self.message, "domain": "global", "reason": self.reason}],
                "status": _STATUS_NAME.get(self.status, "UNKNOWN"),
            }
        }


def invalid_query(message: str) -> BigQueryError:
    return BigQueryError(400, "invalidQuery", message)


def resources_exceeded(what: str) -> BigQueryError:
    return BigQueryError(400, "resourcesExceeded", f"Resources exceeded during query execution: {what}")


def table_not_found(project: str, dataset: str, table: str, location: str) -> BigQueryError:
    message = f"Not found: Table {project}:{dataset}.{table} was not found in location {location}"
    return BigQueryError(404, "notFound", message)


def table_already_exists(project: str, dataset: str, table: str) -> BigQueryError:
    return BigQueryError(409, "duplicate", f"Already Exists: Table {project}:{dataset}.{table}")


def dataset_not_found(project: str, dataset: str, location: str) -> BigQueryError:
    message = f"Not found: Dataset {project}:{dataset} was not found in location {location}"
    return BigQueryError(404, "notFound", message)


def foreign_table(project: str, dataset: str, table: str) -> BigQueryError:
    name = f"{project}:{dataset}.{table}"
    permission = f"User does not have permission to query table {name}, or perhaps it does not exist."
    message = f"Access Denied: Table {name}: {permission}"
    return BigQueryError(403, "accessDenied", message)


def job_not_found(project: str, location: str, job_id: str) -> BigQueryError:
    return BigQueryError(404, "notFound", f"Not found: Job {project}:{location}.{job_id}")


def rows_are_gone(project: str, job_id: str) -> BigQueryError:
    """The anonymous table of a result lives for about a day."""
    return BigQueryError(404, "notFound", f"Not found: Table {project}:_local.anon{job_id}")


def job_already_exists(project: str, location: str, job_id: str) -> BigQueryError:
    return BigQueryError(409, "duplicate", f"Already Exists: Job {project}:{location}.{job_id}")


def bytes_billed_limit_exceeded(limit: int, required: int) -> BigQueryError:
    message = f"Query exceeded limit for bytes billed: {limit}. {required} or higher required."
    return BigQueryError(400, "bytesBilledLimitExceeded", message)


def read_only(statement_type: str) -> BigQueryError:
    message = f"Access Denied: Permission denied: this warehouse is read-only ({statement_type})."
    return BigQueryError(403, "accessDenied", message)


def job_stopped(why: str) -> BigQueryError:
    return BigQueryError(400, "stopped", f"Job execution was cancelled: {why}")
