"""`Budgets` in memory: accounts as sums over what was booked and what is held, so that nothing can drift."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from agent.audit import AuditEntry
from agent.policy.budget import EACH, Budget, Scope, Standing, resets_text
from agent.spend import NOTHING, Amount, Payers
from tests.fakes.audit import FakeAudit


@dataclass
class Reservation:
    entry: AuditEntry
    need: Amount
    state: str
    billed: Amount = NOTHING


class FakeBudgets:
    """`set_budget(Budget(...))`. Its audit is `audit`."""

    def __init__(self, *, zone: str = "UTC", audit: FakeAudit | None = None) -> None:
        self.audit = audit or FakeAudit()
        self.reservations: dict[str, Reservation] = {}
        self._zone = ZoneInfo(zone)
        self._budgets: dict[str, Budget] = {}
        self._warned_by: dict[tuple[str, date], str] = {}

    def set_budget(self, budget: Budget) -> None:
        self._budgets[budget.name] = budget

    async def standings(self, payers: Payers, at: datetime) -> tuple[Standing, ...]:
        return tuple(self._standings(payers, at))

    async def exceeded(
        self, payers: Payers, at: datetime, need: Amount, *, jobs: Collection[str] = ()
    ) -> tuple[Standing, ...]:
        if any(job in self.reservations and self.reservations[job].state != "returned" for job in jobs):
            return ()
        return tuple(standing for standing in self._standings(payers, at) if not standing.allows(need))

    async def reserve(self, job: AuditEntry, need: Amount, *, lifted: Collection[str] = ()) -> tuple[Standing, ...]:
        assert job.job_id is not None
        known = self.reservations.get(job.job_id)
        if known is not None and known.state != "returned":
            return ()
        exceeded = await self.exceeded(job.payers, job.at, need)
        exceeded = tuple(standing for standing in exceeded if standing.name not in lifted)
        if not exceeded:
            self.reservations[job.job_id] = Reservation(job, need, "held")
        return exceeded

    async def settle(self, job_id: str, billed: Amount, *, outcome: str, turn_id: str | None = None) -> bool:
        if job_id not in self.reservations:
            raise LookupError(job_id)
        reservation = self.reservations[job_id]
        if reservation.state == "settled":
            return False
        reservation.state, reservation.billed = "settled", billed
        entry = replace(reservation.entry, bytes_billed=billed.bytes, cost_usd=billed.usd, outcome=outcome)
        await self.audit.record(entry)
        if turn_id is not None:
            self._warn(entry.payers, entry.at, turn_id)
        return True

    async def release(self, job_id: str) -> None:
        if job_id in self.reservations and self.reservations[job_id].state == "held":
            self.reservations[job_id].state = "returned"

    async def charge(self, entry: AuditEntry) -> None:
        await self.audit.record(entry)
        self._warn(entry.payers, entry.at, entry.turn_id)

    async def warnings(self, turn_id: str) -> tuple[Standing, ...]:
        return tuple(
            self._standing(self._budget_of(*name.split(":")), name.split(":")[1], starts_on)
            for (name, starts_on), by in self._warned_by.items()
            if by == turn_id
        )

    async def unsettled(self, untouched_for: timedelta) -> tuple[str, ...]:
        return tuple(job for job, reservation in self.reservations.items() if reservation.state == "held")

    def _standings(self, payers: Payers, at: datetime) -> list[Standing]:
        return [
            self._standing(budget, subject, budget.period.start(at, self._zone))
            for scope in Scope
            for subject in _subjects(payers, scope)
            for period in ("day", "month")
            if (budget := self._budgets.get(f"{scope}:{subject}:{period}") or self._each(scope, period))
        ]

    def _each(self, scope: str, period: str) -> Budget | None:
        return self._budgets.get(f"{scope}:{EACH}:{period}") if scope != Scope.GROUP else None

    def _budget_of(self, scope: str, subject: str, period: str) -> Budget:
        budget = self._budgets.get(f"{scope}:{subject}:{period}") or self._each(scope, period)
        assert budget is not None
        return budget

    def _standing(self, budget: Budget, subject: str, starts_on: date) -> Standing:
        mine = [
            entry
            for entry in self.audit.entries
            if subject in _subjects(entry.payers, budget.scope)
            and budget.period.start(entry.at, self._zone) == starts_on
        ]
        spent = Amount(
            sum(e.bytes_billed or 0 for e in mine), sum((e.cost_usd or NOTHING.usd for e in mine), NOTHING.usd)
        )
        held = NOTHING
        for reservation in self.reservations.values():
            entry = reservation.entry
            is_mine = subject in _subjects(entry.payers, budget.scope)
            if reservation.state == "held" and is_mine and budget.period.start(entry.at, self._zone) == starts_on:
                held += reservation.need
        return Standing(budget, subject, spent, held, resets_text(budget.period, starts_on, self._zone))

    def _warn(self, payers: Payers, at: datetime, turn_id: str) -> None:
        for standing in self._standings(payers, at):
            if standing.is_nearly_spent():
                self._warned_by.setdefault((standing.name, standing.budget.period.start(at, self._zone)), turn_id)


def _subjects(payers: Payers, scope: Scope) -> Collection[str]:
    match scope:
        case Scope.USER:
            return (payers.user,)
        case Scope.CHANNEL:
            return (payers.channel,)
        case Scope.GROUP:
            return payers.groups
        case Scope.WORKSPACE:
            return (payers.team,)
