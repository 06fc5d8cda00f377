"""Google's exceptions in the agent's words, by BigQuery's own *reason*: the exception's class follows the HTTP status,
and the same reason comes with several (bytesBilledLimitExceeded comes as an internal server error).

Which reason becomes which error is said in `agent.bigquery.faults`.
"""

import concurrent.futures
import re
from collections.abc import Mapping
from typing import Final, cast

import requests.exceptions
from google.api_core import exceptions as api
from google.auth import exceptions as auth

from agent.bigquery.faults import FAULTS, Remedy
from agent.errors import (
    AccessDenied,
    CredentialsRefused,
    InvalidQuery,
    JobFailed,
    JobTimedOut,
    NotFound,
    WarehouseError,
    WarehouseUnavailable,
)

_ASKED: Final[Mapping[str, type[WarehouseError]]] = {
    reason: fault.asked or WarehouseError for fault in FAULTS for reason in fault.reasons
}
_RAN: Final[Mapping[str, type[WarehouseError]]] = {
    reason: fault.ran for fault in FAULTS for reason in fault.reasons if fault.ran is not None
}
_ASKED_AGAIN: Final = frozenset(
    reason for fault in FAULTS for reason in fault.reasons if fault.asked_remedy is Remedy.REQUEST
)
_TRANSPORT: Final = (
    api.ServerError,
    api.TooManyRequests,
    auth.TransportError,
    requests.exceptions.RequestException,
    concurrent.futures.TimeoutError,
    ConnectionError,
    TimeoutError,
)
# The client puts the job's place, and the transport the request's URL, around BigQuery's own sentence.
_FOOTER: Final = re.compile(r"\s*\n\nLocation: .*", re.DOTALL)
_REQUEST: Final = re.compile(r"^(GET|POST|PUT|PATCH|DELETE) https?://\S+: ")


def warehouse_error(error: Exception) -> WarehouseError:
    """*error*, raised by a call to BigQuery, in the agent's words; its cause is kept by `raise ... from`."""
    if isinstance(error, api.RetryError) and isinstance(error.cause, Exception):
        error = error.cause
    if isinstance(error, api.GoogleAPICallError):
        kind = _ASKED.get(_reason(error)) or _by_class(error)
        return kind(_sentence(error))
    if isinstance(error, auth.RefreshError | auth.DefaultCredentialsError) and not error.retryable:
        return CredentialsRefused(str(error))
    if isinstance(error, _TRANSPORT):
        return WarehouseUnavailable(f"{type(error).__name__}: {error}"[:500])
    return WarehouseError(f"{type(error).__name__}: {error}"[:500])


def job_error(error_result: Mapping[str, str], *, was_found_finished: bool) -> WarehouseError:
    """The end of a job that failed, by its `status.errorResult`. A job that BigQuery lost may be run again: JobFailed.

    So may one that was found stopped: whoever stopped it has gone (a daemon that was drained), and the turn is wanted.
    """
    reason, message = error_result.get("reason", ""), error_result.get("message", "")
    if reason == "stopped" and "timed out" in message:
        return JobTimedOut(message)
    kind = JobFailed if reason == "stopped" and was_found_finished else _RAN.get(reason, WarehouseError)
    return kind(message, reason=reason)


def is_retryable_request(error: BaseException) -> bool:
    """Whether the same request may succeed in a moment. Requests about jobs are idempotent: the job's id is ours."""
    if isinstance(error, requests.exceptions.SSLError):
        return False  # a wrong certificate stays wrong
    if isinstance(error, api.GoogleAPICallError) and (reason := _reason(error)):
        return reason in _ASKED_AGAIN
    return isinstance(error, _TRANSPORT)


def _reason(error: api.GoogleAPICallError) -> str:
    for entry in error.errors:
        if isinstance(entry, Mapping) and (reason := cast("Mapping[str, str]", entry).get("reason")):
            return reason
    return ""


def _by_class(error: api.GoogleAPICallError) -> type[WarehouseError]:
    match error:
        case api.Unauthorized():
            return CredentialsRefused
        case api.Forbidden():
            return AccessDenied
        case api.NotFound():
            return NotFound
        case api.BadRequest():
            return InvalidQuery
        case _ if isinstance(error, _TRANSPORT):
            return WarehouseUnavailable
        case _:
            return WarehouseError


def _sentence(error: api.GoogleAPICallError) -> str:
    return _REQUEST.sub("", _FOOTER.sub("", str(error.message))).strip()
