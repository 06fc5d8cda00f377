"""What is allowed, as the operator set it: the values that every check is made against."""

from dataclasses import dataclass
from datetime import timedelta

from agent.policy.access import DatasetAllowlist
from agent.policy.cost import CostLimits


@dataclass(frozen=True, slots=True)
class QueryPolicy:
    access: DatasetAllowlist
    default_project: str
    limits: CostLimits
    approval_ttl: timedelta = timedelta(hours=1)
    result_ttl: timedelta = timedelta(days=30)
    job_timeout_seconds: float = 120.0
    max_rows: int = 1000
    """Rows fetched of a result; its total is known."""
