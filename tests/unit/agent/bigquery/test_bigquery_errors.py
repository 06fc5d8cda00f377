"""Google's exceptions by BigQuery's reason, whatever class or status they come with."""

import pytest
import requests.exceptions
from google.api_core import exceptions as api
from google.auth import exceptions as auth

from agent.bigquery.errors import is_retryable_request, job_error, warehouse_error
from agent.errors import (
    AccessDenied,
    BytesBilledExceeded,
    CredentialsRefused,
    InvalidQuery,
    JobCancelled,
    JobFailed,
    JobTimedOut,
    NotFound,
    QuotaExceeded,
    RateLimited,
    WarehouseError,
    WarehouseUnavailable,
)


def answered(kind: type[api.GoogleAPICallError], reason: str, message: str = "why") -> api.GoogleAPICallError:
    return kind(message, errors=[{"reason": reason, "message": message}])


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (answered(api.InternalServerError, "bytesBilledLimitExceeded"), BytesBilledExceeded),
        (answered(api.BadRequest, "invalidQuery"), InvalidQuery),
        (answered(api.NotFound, "notFound"), NotFound),
        (answered(api.Forbidden, "accessDenied"), AccessDenied),
        (answered(api.Forbidden, "rateLimitExceeded"), RateLimited),
        (answered(api.Forbidden, "quotaExceeded"), QuotaExceeded),
        (answered(api.ServiceUnavailable, "backendError"), WarehouseUnavailable),
        (api.Forbidden("no body"), AccessDenied),
        (api.NotFound("no body"), NotFound),
        (api.BadGateway("no body"), WarehouseUnavailable),
        (api.RetryError("too long", cause=requests.exceptions.ConnectionError("refused")), WarehouseUnavailable),
        (requests.exceptions.ReadTimeout("slow"), WarehouseUnavailable),
        (auth.RefreshError("invalid_grant"), CredentialsRefused),
        (auth.DefaultCredentialsError("none"), CredentialsRefused),
        (auth.TransportError("refused"), WarehouseUnavailable),
        (ValueError("a bug of ours"), WarehouseError),
    ],
)
def test_an_exception_becomes_what_it_means(error: Exception, kind: type[WarehouseError]) -> None:
    assert type(warehouse_error(error)) is kind


def test_only_bigquerys_own_sentence_is_left() -> None:
    sentence = "Unrecognized name: x at [1:8]"
    message = f"POST http://127.0.0.1:9/bigquery/v2/projects/p/jobs: {sentence}\n\nLocation: US\nJob ID: j\n"
    error = warehouse_error(answered(api.BadRequest, "invalidQuery", message))
    assert error.detail == sentence


@pytest.mark.parametrize(
    ("reason", "found", "kind"),
    [
        ("backendError", False, JobFailed),
        ("jobInternalError", True, JobFailed),
        ("stopped", False, JobCancelled),
        ("stopped", True, JobFailed),  # a drained daemon stopped it, and the turn came again
        ("invalidQuery", True, InvalidQuery),
        ("bytesBilledLimitExceeded", False, BytesBilledExceeded),
        ("quotaExceeded", False, QuotaExceeded),
        ("notFound", False, NotFound),
        ("somethingNew", False, WarehouseError),
    ],
)
def test_the_end_of_a_job_says_whether_another_may_follow(reason: str, found: bool, kind: type[WarehouseError]) -> None:
    assert type(job_error({"reason": reason, "message": "why"}, was_found_finished=found)) is kind


def test_a_job_that_hit_its_timeout_is_no_cancelled_job() -> None:
    error = job_error({"reason": "stopped", "message": "Operation timed out after 1.0 s."}, was_found_finished=True)
    assert type(error) is JobTimedOut


def test_requests_are_repeated_only_when_that_may_help() -> None:
    assert is_retryable_request(answered(api.Forbidden, "rateLimitExceeded"))
    assert is_retryable_request(requests.exceptions.ConnectionError())
    assert is_retryable_request(api.ServiceUnavailable("no body"))
    assert not is_retryable_request(answered(api.InternalServerError, "bytesBilledLimitExceeded"))
    assert not is_retryable_request(answered(api.Conflict, "duplicate"))
    assert not is_retryable_request(requests.exceptions.SSLError())
