"""What can go wrong at BigQuery, in one table: the error it becomes, and what is tried before a person reads of it.

`agent.bigquery.errors` reads its mapping from here, and agent/README.md shows it (a test compares).
Source of the reasons: https://cloud.google.com/bigquery/docs/error-messages
"""

from collections.abc import Generator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from agent.errors import (
    AccessDenied,
    BytesBilledExceeded,
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


class Remedy(StrEnum):
    """What happens before a person reads of it."""

    MODEL = "the SQL goes back to the model with BigQuery's words"
    NEVER = "nothing: the same would happen again"
    REQUEST = "the request again for 30 s, then the turn four more times"
    TURN = "the turn four more times"
    NEW_JOB = "a job under a new id, three in all"
    ATTACH = "the job of that id is attached to"


@dataclass(frozen=True, slots=True)
class Fault:
    name: str
    reasons: tuple[str, ...]
    """BigQuery's words for it; empty for what it has no word for."""
    asked: type[WarehouseError] | None
    """What it becomes as the answer to a request; None where nobody hears of it."""
    asked_remedy: Remedy
    ran: type[WarehouseError] | None = None
    """What it becomes as the end of a job; None where no job ends so."""
    ran_remedy: Remedy = Remedy.NEVER


_LATER: Final = Remedy.REQUEST
FAULTS: Final = (
    Fault("invalidQuery", ("invalidQuery", "invalid"), InvalidQuery, Remedy.MODEL, InvalidQuery),
    Fault("notFound", ("notFound",), NotFound, Remedy.MODEL, NotFound),
    Fault("accessDenied", ("accessDenied", "billingNotEnabled"), AccessDenied, Remedy.NEVER, AccessDenied),
    Fault(
        "bytesBilledLimitExceeded", ("bytesBilledLimitExceeded",), BytesBilledExceeded, Remedy.NEVER,
        BytesBilledExceeded,
    ),
    Fault("quotaExceeded", ("quotaExceeded",), QuotaExceeded, Remedy.NEVER, QuotaExceeded),
    Fault(
        "rateLimitExceeded", ("rateLimitExceeded", "jobRateLimitExceeded"), RateLimited, _LATER,
        JobFailed, Remedy.NEW_JOB,
    ),
    Fault(
        "backendError", ("backendError", "internalError", "badGateway", "jobBackendError", "jobInternalError"),
        WarehouseUnavailable, _LATER, JobFailed, Remedy.NEW_JOB,
    ),
    Fault("tableUnavailable", ("tableUnavailable",), WarehouseUnavailable, Remedy.TURN, JobFailed, Remedy.NEW_JOB),
    Fault("job stopped by somebody else", ("stopped",), JobCancelled, Remedy.NEVER, JobCancelled),
    Fault(
        "six-hour job, or one past its own timeout", ("timeout", "jobExecutionTimeout"), JobTimedOut, Remedy.NEVER,
        JobTimedOut,
    ),
    Fault("lost insert reply (409)", ("duplicate",), None, Remedy.ATTACH),
    Fault("dead endpoint", (), WarehouseUnavailable, _LATER),
)  # fmt: skip


def faults_table(sentences: Mapping[str, str]) -> Generator[str]:
    """The lines of the table in agent/README.md; *sentences* are by notice code."""
    yield "| fault | where | tried first | then the person reads |"
    yield "| --- | --- | --- | --- |"
    for fault in FAULTS:
        yield _row(fault.name, "request", fault.asked_remedy, fault.asked, sentences)
        if fault.ran is not None:
            yield _row("", "job", fault.ran_remedy, fault.ran, sentences)


def _row(
    name: str, where: str, remedy: Remedy, error: type[WarehouseError] | None, sentences: Mapping[str, str]
) -> str:
    return f"| {name} | {where} | {remedy} | {'the answer' if error is None else sentences[error.code]} |"
