"""What a budget allows, when it starts anew, and how it is told."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from agent.policy.access import DatasetAllowlist
from agent.policy.budget import Budget, OnExceeded, Period, Scope, Standing, judge_budgets, resets_text
from agent.policy.decision import Allow, Deny, NeedApproval
from agent.policy.version import policy_version
from agent.spend import NOTHING, Amount
from agent.turn import Language
from bot.i18n.catalogue import LANGUAGES, say_notice

SEOUL = ZoneInfo("Asia/Seoul")
GB = 10**9


def standing(
    *, limit_bytes: int | None = 100 * GB, limit_usd: str | None = None, spent: Amount = NOTHING, reserved: int = 0
) -> Standing:
    usd = None if limit_usd is None else Decimal(limit_usd)
    budget = Budget(Scope.CHANNEL, "C1", Period.DAY, limit_bytes, usd, OnExceeded.BLOCK, owner="U9")
    return Standing(budget, "C1", spent, Amount(reserved), "2026-02-01 00:00 (Asia/Seoul)")


@pytest.mark.parametrize(
    ("at", "day", "month", "day_ends", "month_ends"),
    [
        (datetime(2026, 1, 31, 14, 59, tzinfo=UTC), date(2026, 1, 31), date(2026, 1, 1), "2026-02-01", "2026-02-01"),
        (datetime(2026, 1, 31, 15, 0, tzinfo=UTC), date(2026, 2, 1), date(2026, 2, 1), "2026-02-02", "2026-03-01"),
        (datetime(2026, 12, 31, 15, 0, tzinfo=UTC), date(2027, 1, 1), date(2027, 1, 1), "2027-01-02", "2027-02-01"),
        (datetime(2028, 2, 28, 15, 0, tzinfo=UTC), date(2028, 2, 29), date(2028, 2, 1), "2028-03-01", "2028-03-01"),
    ],
)
def test_periods_begin_at_midnight_of_the_zone(
    at: datetime, day: date, month: date, day_ends: str, month_ends: str
) -> None:
    assert (Period.DAY.start(at, SEOUL), Period.MONTH.start(at, SEOUL)) == (day, month)
    assert resets_text(Period.DAY, day, SEOUL) == f"{day_ends} 00:00 (Asia/Seoul)"
    assert resets_text(Period.MONTH, month, SEOUL) == f"{month_ends} 00:00 (Asia/Seoul)"


def test_the_last_byte_is_allowed_and_the_next_is_not() -> None:
    nearly = standing(spent=Amount(60 * GB), reserved=30 * GB)
    assert nearly.allows(Amount(10 * GB))
    assert not nearly.allows(Amount(10 * GB + 1))
    assert nearly.left_bytes == 10 * GB


def test_what_costs_nothing_fits_into_a_budget_that_is_used_up() -> None:
    assert standing(limit_usd="1", spent=Amount(200 * GB, Decimal(2))).allows(Amount())


def test_a_limit_in_bytes_knows_nothing_of_dollars() -> None:
    assert standing().allows(Amount(usd=Decimal(10**6)))
    assert not standing(limit_bytes=None, limit_usd="1").allows(Amount(usd=Decimal("1.000000001")))


def test_the_strictest_budget_decides_and_every_one_has_its_say() -> None:
    blocks = standing(limit_bytes=1, limit_usd="0.5")
    asks = replace(blocks, budget=replace(blocks.budget, on_exceeded=OnExceeded.APPROVAL))
    need = Amount(GB, Decimal(1))
    assert judge_budgets([], need) == Allow()
    assert isinstance(judge_budgets([asks], need), NeedApproval)
    decision = judge_budgets([asks, blocks], need)
    assert isinstance(decision, Deny)
    assert [reason.code for reason in decision.reasons] == [
        "deny.budget_bytes", "deny.budget_usd", "approval.budget_bytes", "approval.budget_usd",
    ]  # fmt: skip


def test_a_budget_is_nearly_spent_from_four_fifths_on_of_either_limit() -> None:
    assert not standing(spent=Amount(80 * GB - 1)).is_nearly_spent()
    assert standing(spent=Amount(80 * GB)).is_nearly_spent()
    assert not standing(reserved=99 * GB).is_nearly_spent()
    by_usd = standing(limit_usd="10", spent=Amount(GB, Decimal("9.5")))
    assert (by_usd.warn().code, by_usd.warn().params["percent"]) == ("budget.warning_usd", 95)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_person_reads_which_budget_what_is_left_and_when_it_starts_anew(language: Language) -> None:
    over = standing(spent=Amount(99 * GB), limit_usd="5")
    for notice in (*over.refuse(Amount(2 * GB, Decimal(6))), over.warn(), over.spent_notice()):
        told = say_notice(language, notice)
        assert "channel:C1:day" in told
        assert "2026-02-01 00:00 (Asia/Seoul)" in told
        assert ("1.0 GB" in told) or ("$5.00" in told)


def test_in_english_it_is_a_sentence() -> None:
    (reason,) = standing(spent=Amount(99 * GB)).refuse(Amount(2 * GB))
    assert say_notice("en", reason) == (
        "This channel's daily budget has 1.0 GB of 100.0 GB left, and this query would read 2.0 GB. "
        "It starts anew on 2026-02-01 00:00 (Asia/Seoul) (channel:C1:day)."
    )


def test_a_policys_version_depends_on_what_it_allows_and_not_on_the_order_of_a_set() -> None:
    one = DatasetAllowlist(frozenset({("p", "a"), ("p", "b")}))
    same = DatasetAllowlist(frozenset({("p", "b"), ("p", "a")}))
    assert policy_version(one, {"x": 1, "y": 2}) == policy_version(same, {"y": 2, "x": 1})
    assert policy_version(one) != policy_version(DatasetAllowlist(frozenset({("p", "a")})))
    assert policy_version(one, {"x": 1}) != policy_version(one, {"x": 2})
