"""What is allowed, as the operator set it: the values that every check is made against."""

from dataclasses import dataclass, field
from datetime import timedelta

from agent.policy.cost import CostLimits
from agent.policy.deciders import ApprovalRules


@dataclass(frozen=True, slots=True)
class QueryPolicy:
    default_project: str
    limits: CostLimits
    approval_ttl: timedelta = timedelta(hours=1)
    approval: ApprovalRules = field(default_factory=ApprovalRules)
    result_ttl: timedelta = timedelta(days=30)
    job_timeout_seconds: float = 120.0
    max_rows: int = 1000
    """Rows fetched of a result; its total is known."""
