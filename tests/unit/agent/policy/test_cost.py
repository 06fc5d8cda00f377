from dataclasses import replace

import pytest

from agent.bigquery.pricing import MEBIBYTE, TEBIBYTE, OnDemandPrice, billable_bytes
from agent.bigquery.warehouse import DryRun
from agent.policy.cost import CostLimits, Estimate, bytes_ceiling, estimate_cost, judge_cost
from agent.policy.decision import Allow, Deny, NeedApproval

LIMITS = CostLimits(max_bytes_billed=TEBIBYTE, auto_execute_max_cost_usd=1.0, price=OnDemandPrice(5.0))
READ = DryRun("SELECT", 2 * MEBIBYTE, "PRECISE", ("p.d.a", "p.d.b"), ())


def test_ten_megabytes_are_billed_for_each_table_at_least() -> None:
    assert billable_bytes(0, 0) == 0
    assert billable_bytes(1, 0) == MEBIBYTE
    assert billable_bytes(1, 2) == 20 * MEBIBYTE
    assert billable_bytes(30 * MEBIBYTE + 1, 2) == 31 * MEBIBYTE


def test_a_tebibyte_costs_its_price() -> None:
    assert OnDemandPrice(6.25).cost_usd(TEBIBYTE) == 6.25


@pytest.mark.parametrize(("accuracy", "is_known"), [("PRECISE", 1), ("UPPER_BOUND", 1), ("LOWER_BOUND", 0), ("", 0)])
def test_only_a_bounded_dry_run_has_a_price(accuracy: str, is_known: bool) -> None:
    estimate = estimate_cost(replace(READ, accuracy=accuracy), LIMITS.price)
    assert estimate.bytes_billed == 20 * MEBIBYTE
    assert (estimate.cost_usd is not None) == is_known


@pytest.mark.parametrize(
    ("estimate", "decision", "code"),
    [
        (Estimate(0, 0.0), Allow, None),
        (Estimate(TEBIBYTE // 5, 1.0), Allow, None),
        (Estimate(TEBIBYTE // 4, 1.25), NeedApproval, "approval.cost"),
        (Estimate(MEBIBYTE, None), NeedApproval, "approval.cost_unknown"),
        (Estimate(TEBIBYTE, 5.0), NeedApproval, "approval.cost"),
        (Estimate(TEBIBYTE + 1, 5.0), Deny, "deny.bytes_cap"),
        (Estimate(TEBIBYTE + 1, None), Deny, "deny.bytes_cap"),
    ],
)
def test_the_cap_denies_and_the_ceiling_asks(estimate: Estimate, decision: type, code: str | None) -> None:
    judged = judge_cost(estimate, LIMITS)
    assert type(judged) is decision
    assert [reason.code for reason in judged.reasons] == ([code] if code else [])


def test_an_approval_covers_a_little_growth_and_never_more_than_the_cap() -> None:
    assert bytes_ceiling(Estimate(1000 * MEBIBYTE, 0.1), LIMITS) == 1100 * MEBIBYTE
    assert bytes_ceiling(Estimate(10 * MEBIBYTE, 0.1), LIMITS) == 20 * MEBIBYTE
    assert bytes_ceiling(Estimate(TEBIBYTE, 5.0), LIMITS) == TEBIBYTE
    assert bytes_ceiling(Estimate(MEBIBYTE, None), LIMITS) == TEBIBYTE
