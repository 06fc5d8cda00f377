"""What is spent, counted where it is booked: once per job and per model call, whoever asks for them again."""

from collections.abc import Collection
from datetime import datetime, timedelta

from agent.audit import AuditEntry
from agent.policy.budget import Standing
from agent.policy.budgets import Budgets
from agent.spend import Amount, Payers
from bot.metrics.instruments import Instruments


class MeteredBudgets:
    """`Budgets`."""

    def __init__(self, budgets: Budgets, instruments: Instruments) -> None:
        self._budgets = budgets
        self._instruments = instruments

    async def exceeded(
        self, payers: Payers, at: datetime, need: Amount, *, jobs: Collection[str] = ()
    ) -> tuple[Standing, ...]:
        return await self._budgets.exceeded(payers, at, need, jobs=jobs)

    async def reserve(self, job: AuditEntry, need: Amount, *, lifted: Collection[str] = ()) -> tuple[Standing, ...]:
        return await self._budgets.reserve(job, need, lifted=lifted)

    async def settle(self, job_id: str, billed: Amount, *, outcome: str, turn_id: str | None = None) -> bool:
        is_new = await self._budgets.settle(job_id, billed, outcome=outcome, turn_id=turn_id)
        if is_new:
            self._instruments.bytes_billed.inc(billed.bytes)
            self._instruments.spend.labels("bigquery").inc(float(billed.usd))
        return is_new

    async def release(self, job_id: str) -> None:
        await self._budgets.release(job_id)

    async def charge(self, entry: AuditEntry) -> None:
        await self._budgets.charge(entry)
        self._instruments.spend.labels("model").inc(float(entry.cost_usd or 0))

    async def warnings(self, turn_id: str) -> tuple[Standing, ...]:
        return await self._budgets.warnings(turn_id)

    async def unsettled(self, untouched_for: timedelta) -> tuple[str, ...]:
        return await self._budgets.unsettled(untouched_for)
