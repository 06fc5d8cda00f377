"""Budgets: what a person, a channel, a group or a workspace may spend in a day or a month: pure."""

from collections.abc import Generator, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

from agent.notice import Notice, Param
from agent.policy.decision import Allow, Decision, Deny, NeedApproval, strictest
from agent.spend import Amount

WARN_AT: Final = Decimal("0.8")
"""Of a limit, in what was billed: once per budget and period the person whose turn reaches it is told."""
EACH: Final = "*"
"""A budget of this subject is one for each who has none of their own."""


class Scope(StrEnum):
    USER = "user"
    CHANNEL = "channel"
    GROUP = "group"
    WORKSPACE = "workspace"


class Period(StrEnum):
    DAY = "day"
    MONTH = "month"

    def start(self, at: datetime, zone: ZoneInfo) -> date:
        """The first day of the period that *at* lies in."""
        day = at.astimezone(zone).date()
        return day if self is Period.DAY else day.replace(day=1)

    def end(self, start: date) -> date:
        """The first day of the next one."""
        if self is Period.DAY:
            return start + timedelta(days=1)
        return (start + timedelta(days=31)).replace(day=1)


class OnExceeded(StrEnum):
    BLOCK = "block"
    APPROVAL = "approval"
    """Queries wait for the owner's word. Model calls cannot wait: they go on."""


@dataclass(frozen=True, slots=True)
class Budget:
    scope: Scope
    subject: str
    """A user id, a channel id, a group's id or handle, a team id; EACH for everybody who has none of their own."""
    period: Period
    limit_bytes: int | None
    limit_usd: Decimal | None
    on_exceeded: OnExceeded = OnExceeded.BLOCK
    owner: str | None = None
    """The user who may let a query run beyond it."""

    @property
    def name(self) -> str:
        return f"{self.scope}:{self.subject}:{self.period}"


@dataclass(frozen=True, slots=True)
class Standing:
    """Where one payer stands with one budget in one period."""

    budget: Budget
    subject: str
    """Who pays: never EACH."""
    spent: Amount
    reserved: Amount
    """By jobs that are not billed yet."""
    resets: str
    """`2026-12-01 00:00 (Asia/Seoul)`."""

    @property
    def name(self) -> str:
        return f"{self.budget.scope}:{self.subject}:{self.budget.period}"

    @property
    def used(self) -> Amount:
        return self.spent + self.reserved

    @property
    def left_bytes(self) -> int | None:
        return None if self.budget.limit_bytes is None else max(0, self.budget.limit_bytes - self.used.bytes)

    @property
    def left_usd(self) -> Decimal | None:
        return None if self.budget.limit_usd is None else max(Decimal(0), self.budget.limit_usd - self.used.usd)

    def allows(self, need: Amount) -> bool:
        return not any(self._lacking(need))

    @property
    def share(self) -> Decimal:
        """What is spent of the limit that is nearer: 1 is all of it."""
        return max(self._shares())

    def is_nearly_spent(self) -> bool:
        return self.share >= WARN_AT

    def refuse(self, need: Amount) -> tuple[Notice, ...]:
        """Why *need* is too much for it."""
        return tuple(self._lacking(need))

    def spent_notice(self) -> Notice:
        """Nothing is left of it, so nothing more is begun."""
        return Notice("deny.budget_spent", self._params(self.left_usd, self.budget.limit_usd))

    def warn(self) -> Notice:
        """How much of it is gone: of the limit that is nearer."""
        by_bytes, by_usd = self._shares()
        if by_usd > by_bytes:
            return Notice("budget.warning_usd", self._params(self.left_usd, self.budget.limit_usd, share=by_usd))
        return Notice("budget.warning_bytes", self._params(self.left_bytes, self.budget.limit_bytes, share=by_bytes))

    def _shares(self) -> tuple[Decimal, Decimal]:
        limit_bytes, limit_usd = self.budget.limit_bytes, self.budget.limit_usd
        by_bytes = Decimal(self.spent.bytes) / limit_bytes if limit_bytes else Decimal(limit_bytes is not None)
        by_usd = self.spent.usd / limit_usd if limit_usd else Decimal(limit_usd is not None)
        return by_bytes, by_usd

    def _lacking(self, need: Amount) -> Generator[Notice]:
        blocks = self.budget.on_exceeded is OnExceeded.BLOCK
        if need.bytes and self.left_bytes is not None and need.bytes > self.left_bytes:
            code = "deny.budget_bytes" if blocks else "approval.budget_bytes"
            yield Notice(code, self._params(self.left_bytes, self.budget.limit_bytes, need=need.bytes))
        if need.usd and self.left_usd is not None and need.usd > self.left_usd:
            code = "deny.budget_usd" if blocks else "approval.budget_usd"
            yield Notice(code, self._params(self.left_usd, self.budget.limit_usd, need=need.usd))

    def _params(
        self,
        left: int | Decimal | None,
        limit: int | Decimal | None,
        *,
        need: int | Decimal | None = None,
        share: Decimal | None = None,
    ) -> dict[str, Param]:
        numbers = {"left": left, "limit": limit, "need": need, "percent": share and int(share * 100)}
        shown = {name: float(n) if isinstance(n, Decimal) else n for name, n in numbers.items() if n is not None}
        return {
            "budget": self.name,
            "scope": f"budget_{self.budget.scope}",
            "period": f"budget_{self.budget.period}",
            "owner": self.budget.owner or "",
            "resets": self.resets,
            **shown,
        }


def resets_text(period: Period, start: date, zone: ZoneInfo) -> str:
    return f"{period.end(start).isoformat()} 00:00 ({zone.key})"


def judge_budgets(exceeded: Iterable[Standing], need: Amount) -> Decision:
    """What the budgets that *need* is too much for make of it."""
    decisions = [_decision_of(standing, need) for standing in exceeded]
    return strictest([Allow(), *decisions])


def _decision_of(standing: Standing, need: Amount) -> Decision:
    reasons = standing.refuse(need)
    return Deny(reasons) if standing.budget.on_exceeded is OnExceeded.BLOCK else NeedApproval(reasons)


def budgets_asked_about(reasons: Iterable[Notice]) -> frozenset[str]:
    """The budgets (`Standing.name`) that an approval with these *reasons* lets a query exceed."""
    return frozenset(str(r.params["budget"]) for r in reasons if r.code in _ASKS)


def budget_owner_of(reasons: Iterable[Notice]) -> str | None:
    """Whose word it takes, by these *reasons* of a check; None where no budget with an owner is exceeded."""
    return next((owner for r in reasons if r.code in _ASKS and (owner := str(r.params["owner"]))), None)


_ASKS: Final = frozenset({"approval.budget_bytes", "approval.budget_usd"})
