"""The agent's errors. The docstring is what the operator reads; `notice` is what the person reads.

AgentError
├── NothingReadable           the policy gives whoever asks, or the room, nothing at all
├── ModelError
│   ├── ModelLoading          the endpoint says that it is still loading its model
│   ├── ModelUnavailable      refused, timed out, 5xx or rate-limited after every retry
│   ├── ModelUnparsable       answered, but never with what was asked for
│   │   └── ModelRefused      the model, or the filter before it, declines
│   ├── TurnBudgetSpent       the turn has had the model calls that it may have
│   └── TurnTimeSpent         the turn has taken as long as it may
└── WarehouseError
    ├── InvalidQuery          BigQuery does not accept the SQL: goes back to the model first
    │   └── NotFound          a table, column or dataset is not there
    ├── AccessDenied          the service account may not read it
    │   └── CredentialsRefused  Google does not take its key, or there is none
    ├── BytesBilledExceeded   the job would cost more than its cap
    ├── QuotaExceeded         the project's quota is used up
    ├── JobCancelled          somebody pressed Stop
    ├── JobTimedOut
    ├── JobFailed             BigQuery gave the job up, more than once
    ├── ResultGone            the rows of a finished job are no longer there
    └── WarehouseUnavailable  refused, timed out, 5xx: try again later
        └── RateLimited       too many requests at once
"""

from typing import ClassVar

from agent.notice import Notice, Param
from agent.secret_shapes import without_secrets


class AgentError(Exception):
    """The analyst could not finish the turn."""

    code: ClassVar[str] = "error.unexpected"
    is_transient: ClassVar[bool] = False
    """True when the same turn may succeed a little later."""

    def __init__(self, detail: str = "", **params: Param) -> None:
        super().__init__(detail or (type(self).__doc__ or "").strip())
        self.detail = detail
        self.params = params

    @property
    def notice(self) -> Notice:
        return Notice(self.code, {"detail": without_secrets(self.detail), **self.params})


class NothingReadable(AgentError):
    """Whoever asks, or whoever would read the answer, may read no data at all."""

    def __init__(self, why: Notice) -> None:
        super().__init__(why.code)
        self._why = why

    @property
    def notice(self) -> Notice:
        return self._why


class ModelError(AgentError):
    """The language model did not do its part."""

    code = "error.model"


class ModelLoading(ModelError):
    """The model is still loading."""

    code = "error.model_loading"


class ModelUnavailable(ModelError):
    """The model endpoint did not answer."""

    code = "error.model_unavailable"
    is_transient = True


class ModelUnparsable(ModelError):
    """The model's answer did not have the asked-for shape."""

    code = "error.model_unparsable"


class ModelRefused(ModelUnparsable):
    """The model, or its endpoint's content filter, declined to answer."""

    code = "error.model_refused"


class TurnBudgetSpent(ModelError):
    """The turn has spent its tokens, so no more model calls are made."""

    code = "error.turn_budget"


class TurnTimeSpent(ModelError):
    """The turn has taken its time, so no more model calls are made."""

    code = "error.turn_time"


class WarehouseError(AgentError):
    """BigQuery did not do its part."""

    code = "error.warehouse"


class InvalidQuery(WarehouseError):
    """BigQuery rejected the SQL."""

    code = "error.invalid_query"


class NotFound(InvalidQuery):
    """BigQuery does not know a name in the SQL."""

    code = "error.not_found"


class AccessDenied(WarehouseError):
    """BigQuery denied access."""

    code = "error.access_denied"


class CredentialsRefused(AccessDenied):
    """Google does not take our credentials, or there are none: what they may do was not looked at."""


class BytesBilledExceeded(WarehouseError):
    """The query needs more bytes than its cap."""

    code = "error.bytes_billed_exceeded"


class QuotaExceeded(WarehouseError):
    """A quota of the project is used up: it comes back in hours, not while somebody waits."""

    code = "error.quota_exceeded"


class JobCancelled(WarehouseError):
    """The job was cancelled."""

    code = "error.job_cancelled"


class JobTimedOut(WarehouseError):
    """The job ran longer than its timeout."""

    code = "error.job_timed_out"


class JobFailed(WarehouseError):
    """BigQuery gave the job up; the same SQL may succeed under a new job id."""

    code = "error.job_failed"


class ResultGone(WarehouseError):
    """BigQuery keeps the rows of a result for about 24 hours; these are gone."""

    code = "error.result_gone"


class WarehouseUnavailable(WarehouseError):
    """BigQuery did not answer."""

    code = "error.warehouse_unavailable"
    is_transient = True


class RateLimited(WarehouseUnavailable):
    """BigQuery takes no more requests at the moment."""

    code = "error.rate_limited"
