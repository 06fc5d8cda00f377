"""What a statement may cost: pure. Bytes are bytes that BigQuery would bill, money is US dollars."""

from dataclasses import dataclass, field
from typing import Final

from agent.bigquery.pricing import MINIMUM_BYTES_PER_TABLE, OnDemandPrice, billable_bytes
from agent.bigquery.warehouse import DryRun
from agent.notice import Notice
from agent.policy.decision import Allow, Decision, Deny, NeedApproval

# With LOWER_BOUND or UNKNOWN the job may read any number of bytes more than the dry run says.
_BOUNDED: Final = frozenset({"PRECISE", "UPPER_BOUND"})
# Tables grow between the question and the press: a card is not void for a tenth.
_GROWTH: Final = 1.1


@dataclass(frozen=True, slots=True)
class CostLimits:
    max_bytes_billed: int
    """No statement bills more, whoever says yes; also the cap of every job."""
    auto_execute_max_cost_usd: float
    """What costs more waits for a person. Zero: everything that costs waits."""
    price: OnDemandPrice = field(default_factory=OnDemandPrice)


@dataclass(frozen=True, slots=True)
class Estimate:
    bytes_billed: int
    cost_usd: float | None
    """None when the dry run does not bound it."""


def estimate_cost(dry_run: DryRun, price: OnDemandPrice) -> Estimate:
    """What the job will bill by BigQuery's own dry run."""
    billed = billable_bytes(dry_run.bytes_processed, len(dry_run.referenced_tables))
    is_known = dry_run.accuracy in _BOUNDED
    return Estimate(billed, price.cost_usd(billed) if is_known else None)


def judge_cost(estimate: Estimate, limits: CostLimits) -> Decision:
    if estimate.bytes_billed > limits.max_bytes_billed:
        return Deny((Notice("deny.bytes_cap", {"size": estimate.bytes_billed, "limit": limits.max_bytes_billed}),))
    if estimate.cost_usd is None:
        return NeedApproval((Notice("approval.cost_unknown", {"size": estimate.bytes_billed}),))
    if estimate.cost_usd > limits.auto_execute_max_cost_usd:
        params = {"cost_usd": estimate.cost_usd, "limit_usd": limits.auto_execute_max_cost_usd}
        return NeedApproval((Notice("approval.cost", params),))
    return Allow()


def bytes_ceiling(estimate: Estimate, limits: CostLimits) -> int:
    """The bytes that an approval of *estimate* covers: what was shown and a little growth, never above the cap."""
    if estimate.cost_usd is None:
        return limits.max_bytes_billed
    grown = max(int(estimate.bytes_billed * _GROWTH), estimate.bytes_billed + MINIMUM_BYTES_PER_TABLE)
    return min(grown, limits.max_bytes_billed)
