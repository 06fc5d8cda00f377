"""QueryRunner, the one door to BigQuery: for people, reports and monitors alike. It fails closed.

`check` advises, `run` enforces: it checks again, for what was advised may have been minutes ago.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime

import structlog

from agent.bigquery.warehouse import Ran, Warehouse
from agent.cashier import Cashier
from agent.job_runs import JobRuns, possible_jobs
from agent.observe_policy import PolicyObserver
from agent.policy.approvals import Approval, ApprovalRequest, Approvals
from agent.policy.cost import Estimate, bytes_ceiling
from agent.policy.deciders import deciders_of
from agent.policy.decision import Allow, Decision, Deny
from agent.policy.query_policy import QueryPolicy
from agent.policy.rights import TurnRights
from agent.query_access import NO_TABLE, Access, StatementGate, StatementJudge, ask_alone, versions_of
from agent.query_check import budgeted_check, free_check, refusal_of
from agent.query_values import Check, QueryOutcome, QueryRefused, QueryRequest
from agent.result_cache import FromCache, ResultCache
from agent.results import Results, StoredResult
from agent.turn import Bill

__all__ = ["Check", "QueryOutcome", "QueryPolicy", "QueryRefused", "QueryRequest", "QueryRunner", "StatementGate"]

log = structlog.get_logger(__name__)


class QueryRunner:
    def __init__(
        self,
        *,
        gate: StatementGate,
        warehouse: Warehouse,
        policy: QueryPolicy,
        approvals: Approvals,
        results: Results,
        cashier: Cashier,
        access: Access,
        cache: ResultCache | None = None,
        observer: PolicyObserver | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._judge = StatementJudge(gate, warehouse, policy, access)
        self._access = access
        self._policy = policy
        self._approvals = approvals
        self._results = results
        self._cashier = cashier
        self._cache = cache
        self._observer = observer
        self._now = now
        self._jobs = JobRuns(warehouse, cashier, policy, pause=pause)

    async def check(self, sql: str, request: QueryRequest) -> Check:
        """What policy says of exactly *sql*, every reason kept. Runs nothing.

        Raises InvalidQuery with the engine's or BigQuery's words when it is not valid SQL, and the WarehouseErrors of
        a dry run that could not be had.
        """
        check, kept = await self._judge_anew(sql, request)
        if kept is None:
            check = budgeted_check(check, await self._ask_budgets(check, request))
        check = ask_alone(check)
        await self._cashier.record_decision(check, request)
        log.info(
            "query.checked",
            turn=request.turn_id,
            fingerprint=check.fingerprint,
            decision=type(check.decision).__name__,
            reasons=[reason.code for reason in check.reasons],
            bytes_estimated=check.bytes_estimated,
        )
        return check

    async def request_approval(self, check: Check, request: QueryRequest) -> str:
        """Ask for a person's word on *check*; returns the approval's id, the same when asked again in the turn."""
        estimate = Estimate(check.bytes_estimated or 0, check.cost_usd)
        ceiling = bytes_ceiling(estimate, self._policy.limits)
        ceiling_usd = self._policy.limits.price.cost_usd(ceiling)
        return await self._approvals.request(
            ApprovalRequest(
                turn_id=request.turn_id,
                conversation=request.conversation,
                requester=request.actor.user,
                question=request.question,
                sql=check.sql,
                fingerprint=check.fingerprint,
                tables=check.tables,
                bytes_ceiling=ceiling,
                cost_ceiling_usd=None if check.cost_usd is None else ceiling_usd,
                reasons=check.reasons,
                expires_at=self._now() + self._policy.approval_ttl,
                deciders=deciders_of(self._policy.approval, ceiling_usd, check.reasons),
                columns=check.schema,
            )
        )

    async def run(self, sql: str, request: QueryRequest, *, approved: Approval | None = None) -> QueryOutcome:
        """Check *sql* again, run it, and keep its result before returning it.

        Called again with the same turn, statement and approval (a redelivery, a second press) it meets the same job.
        Raises QueryRefused when policy does not let it run, else as `check` does, and what running may raise.
        """
        check, kept = await self._judge_anew(sql, request)
        try:
            if refusal := refusal_of(check, approved):
                raise refusal
            if kept is not None:
                return await self._answer_from(kept, check, request, approved)
            ran = await self._jobs.run(check, request, approved)
        except QueryRefused as refusal:
            log.info("query.refused", turn=request.turn_id, reasons=[reason.code for reason in refusal.reasons])
            await self._cashier.record_refusal(refusal, request, approved)
            raise
        bill = Bill(check.bytes_estimated, ran.bytes_billed, self._policy.limits.price.cost_usd(ran.bytes_billed))
        outcome = await self._keep(check, request, ran, bill)
        if self._cache is not None and (result_id := outcome.fuller_id or outcome.result_id):
            await self._cache.keep(check, request, ran, result_id)
        log.info(
            "query.ran",
            turn=request.turn_id,
            job=ran.job_id,
            fingerprint=check.fingerprint,
            bytes_billed=ran.bytes_billed,
            cost_usd=outcome.bill.cost_usd,
            rows=ran.table.total_rows,
            cache_hit=ran.cache_hit,
        )
        return outcome

    async def rights(self, request: QueryRequest) -> TurnRights:
        """What who asks may read, and what may be shown where they ask."""
        return await self._access.rights(request.actor, request.audience)

    async def fuller(self, result_id: str, user: str) -> StoredResult | None:
        """What *user* alone may see of a result. None: it has expired, or is somebody else's."""
        result = await self._results.load(result_id)
        return result if result is not None and result.asker == user else None

    async def stop(self, turn_id: str) -> None:
        """End the job that the turn runs: a person does not want it any more."""
        await self._jobs.stop(turn_id)

    async def _judge_anew(self, sql: str, request: QueryRequest) -> tuple[Check, FromCache | None]:
        """What holds of *sql* now, and what was kept of it: then nothing is spent, and money has no say."""
        check = await self._judge.judge(sql, request)
        if self._observer is not None:
            await self._observer.observe(check, request)
        may_ever = check.unpriced is not None and not isinstance(check.unpriced, Deny)
        kept = await self._cache.find(check, request) if self._cache is not None and may_ever else None
        return (check, None) if kept is None else (free_check(check), kept)

    async def _answer_from(
        self, kept: FromCache, check: Check, request: QueryRequest, approved: Approval | None
    ) -> QueryOutcome:
        """Another turn's result as this turn's own: no job, nothing held, a row in the audit."""
        job_id = kept.result.job_id
        ran = Ran(job_id, kept.result.table, bytes_processed=0, bytes_billed=0, cache_hit=True)
        outcome = await self._keep(check, request, ran, Bill(check.bytes_estimated, 0, 0.0))
        await self._cashier.record_from_cache(check, request, approved, job_id)
        log.info("query.from_cache", turn=request.turn_id, job=job_id, fingerprint=check.fingerprint)
        return replace(outcome, ran_at=kept.ran_at)

    async def _ask_budgets(self, check: Check, request: QueryRequest) -> Decision:
        if isinstance(check.decision, Deny):
            return Allow()  # what does not run costs nothing
        jobs = possible_jobs(request.turn_id, check.fingerprint)
        return await self._cashier.judge(check, request, jobs=jobs)

    async def _keep(self, check: Check, request: QueryRequest, ran: Ran, bill: Bill) -> QueryOutcome:
        versions = versions_of(check, request, ran, bill, self._now() + self._policy.result_ttl)
        result_id = await self._results.keep(versions.room) if versions.room else None
        fuller_id = await self._results.keep(versions.fuller) if versions.fuller else None
        table = versions.room.table if versions.room else NO_TABLE
        return QueryOutcome(check, table, bill, ran.job_id, result_id, ran.cache_hit, fuller_id)
