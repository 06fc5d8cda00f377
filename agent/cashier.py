"""The cashier at the door to BigQuery: holds the money before a job, pays the bill after it, and writes both down.

Reservations belong to a job's id, and so does the bill: whoever comes for the job again (a redelivered turn, a second
press, the collector after a crash) meets them, and BigQuery's own account of the job is what is booked.
"""

import asyncio
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

import structlog

from agent.audit import Audit, AuditEntry
from agent.bigquery.pricing import OnDemandPrice
from agent.bigquery.warehouse import Job, Ran, Warehouse
from agent.errors import WarehouseError
from agent.policy.approvals import Approval
from agent.policy.budget import budgets_asked_about, judge_budgets
from agent.policy.budgets import Budgets
from agent.policy.decision import Decision, decision_word
from agent.privacy.mask import Mask
from agent.query_values import Check, QueryRefused, QueryRequest
from agent.spend import Amount, Payers, payers_of
from agent.turn import DecisionWord

log = structlog.get_logger(__name__)

DONE: Final = "done"


@dataclass(frozen=True, slots=True)
class Cashier:
    budgets: Budgets
    audit: Audit
    warehouse: Warehouse
    price: OnDemandPrice
    max_bytes_billed: int
    """What a job whose dry run bounds nothing may bill, and so what is held for it."""
    policy_version: Callable[[], str]
    """Of the policy that holds now."""
    model: str
    """Who writes the SQL, for the audit."""
    now: Callable[[], datetime]

    async def judge(self, check: Check, request: QueryRequest, *, jobs: Collection[str]) -> Decision:
        """What the budgets say of *check* now. *jobs* are the ids it may run under: what they hold is its own."""
        need = self._need(check)
        exceeded = await self.budgets.exceeded(_payers(request, None), self.now(), need, jobs=jobs)
        return judge_budgets(exceeded, need)

    async def record_decision(self, check: Check, request: QueryRequest) -> None:
        word = decision_word(check.decision)
        entry = await self._entry(check, request)
        await self.audit.record(replace(entry, key=f"{entry.key}:{word}", decision=word))

    async def record_refusal(self, refusal: QueryRefused, request: QueryRequest, approved: Approval | None) -> None:
        """The door did not let run what the gate, or a person, had let through."""
        entry = await self._entry(refusal.check, request, approved)
        blocked = replace(entry, key=f"{entry.key}:refused", decision=DecisionWord.BLOCKED, reasons=refusal.reasons)
        await self.audit.record(blocked)

    async def record_observed(
        self, observed: Check, request: QueryRequest, *, difference: str, policy_version: str
    ) -> None:
        """A policy on trial would have decided otherwise: its word, its reasons, its version."""
        entry = await self._entry(observed, request)
        key = f"observed:{policy_version}:{request.turn_id}:{observed.fingerprint}"
        word = decision_word(observed.decision)
        told = replace(entry, key=key, kind="observed", decision=word, reasons=observed.reasons, outcome=difference)
        await self.audit.record(replace(told, policy_version=policy_version))

    async def record_from_cache(
        self, check: Check, request: QueryRequest, approved: Approval | None, job_id: str
    ) -> None:
        """*check* was answered by what *job_id* found earlier: nothing is held and nothing is billed."""
        entry = await self._entry(check, request, approved)
        word = decision_word(check.decision)
        key = f"cache:{request.turn_id}:{check.fingerprint}"
        await self.audit.record(
            replace(entry, key=key, kind="cache", job_id=job_id, decision=word, outcome=DONE, cost_usd=Decimal(0))
        )

    async def reserve(self, job: Job, check: Check, request: QueryRequest, approved: Approval | None) -> None:
        """Hold the price of *job*. Raises QueryRefused with the budgets that it exceeds."""
        need = self._need(check)
        entry = await self._entry(check, request, approved)
        entry = replace(entry, key=f"job:{job.id}", kind="job", job_id=job.id, decision=decision_word(check.decision))
        lifted = budgets_asked_about(approved.request.reasons) if approved else frozenset[str]()
        if exceeded := await self.budgets.reserve(entry, need, lifted=lifted):
            raise QueryRefused(check, judge_budgets(exceeded, need).reasons)

    async def settle(self, ran: Ran, request: QueryRequest) -> None:
        billed = Amount.of(ran.bytes_billed, self.price.cost_usd(ran.bytes_billed))
        await self.budgets.settle(ran.job_id, billed, outcome=DONE, turn_id=request.turn_id)

    async def collect(self, job_id: str) -> None:
        """Settle *job_id* by BigQuery's own account of it: billed, never run, or still running, which is left alone."""
        try:
            bill = await self.warehouse.find_bill(job_id)
        except WarehouseError as error:  # another collection comes
            log.warning("budget.collect_failed", job=job_id, error=type(error).__name__)
            return
        if bill is None:
            await self.budgets.release(job_id)
        elif bill.is_done:
            billed = Amount.of(bill.bytes_billed, self.price.cost_usd(bill.bytes_billed))
            await self.budgets.settle(job_id, billed, outcome=bill.error or DONE)
        log.info("budget.collected", job=job_id, bytes_billed=bill.bytes_billed if bill else None)

    async def collect_all(self, untouched_for: timedelta) -> None:
        """The same for every job that nobody asked for in that time: its turn has died, or was given up."""
        for job_id in await self.budgets.unsettled(untouched_for):
            await self.collect(job_id)

    def _need(self, check: Check) -> Amount:
        bounded = check.bytes_estimated if check.cost_usd is not None else None
        held = self.max_bytes_billed if bounded is None else bounded
        return Amount.of(held, self.price.cost_usd(held))

    async def _entry(self, check: Check, request: QueryRequest, approved: Approval | None = None) -> AuditEntry:
        question = request.question if approved is None else approved.request.question
        # Off the loop: the numbering plans are read from disk at their first use.
        question, sql = await asyncio.to_thread(_masked, question, check.sql)
        return AuditEntry(
            key=f"decision:{request.turn_id}:{check.fingerprint}",
            kind="decision",
            at=self.now(),
            turn_id=request.turn_id,
            conversation=request.conversation,
            payers=_payers(request, approved),
            policy_version=self.policy_version(),
            question=question,
            sql=sql,
            fingerprint=check.fingerprint,
            tables=check.tables,
            reasons=check.reasons,
            approval_id=approved.id if approved else None,
            approver=approved.decided_by if approved else None,
            bytes_estimated=check.bytes_estimated,
            model=self.model,
            prompts=request.prompts,
            usage=request.usage,
        )


def _payers(request: QueryRequest, approved: Approval | None) -> Payers:
    requester = approved.request.requester if approved else None
    return payers_of(request.actor, request.audience, requester=requester)


def _masked(question: str, sql: str) -> tuple[str, str]:
    """One mask for both, so that the audit shows which literal is the question's."""
    mask = Mask()
    return mask.hide(question), mask.hide(sql)
