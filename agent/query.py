"""QueryRunner, the one door to BigQuery: for people, reports and monitors alike. It fails closed.

`check` advises, `run` enforces: it checks again, for what was advised may have been minutes ago.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final

import structlog

from agent.bigquery.warehouse import Job, Ran, Warehouse
from agent.cashier import Cashier
from agent.errors import JobFailed, WarehouseError
from agent.job_identity import job_id, job_labels
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

# A job that BigQuery gave up is run again under a new id this many times in all; then the person hears of it.
MAX_GENERATIONS: Final = 3
_PAUSE_SECONDS: Final = 2.0


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
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._judge = StatementJudge(gate, warehouse, policy, access)
        self._access = access
        self._warehouse = warehouse
        self._policy = policy
        self._approvals = approvals
        self._results = results
        self._cashier = cashier
        self._cache = cache
        self._now = now
        self._pause = pause
        self._running: dict[str, str] = {}
        """The job that each turn runs, by turn."""

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
            turn_id=request.turn_id,
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
            ran = await self._run_job(check, request, approved)
        except QueryRefused as refusal:
            log.info("query.refused", turn_id=request.turn_id, reasons=[reason.code for reason in refusal.reasons])
            await self._cashier.record_refusal(refusal, request, approved)
            raise
        bill = Bill(check.bytes_estimated, ran.bytes_billed, self._policy.limits.price.cost_usd(ran.bytes_billed))
        outcome = await self._keep(check, request, ran, bill)
        if self._cache is not None and (result_id := outcome.fuller_id or outcome.result_id):
            await self._cache.keep(check, request, ran, result_id)
        log.info(
            "query.ran",
            turn_id=request.turn_id,
            job_id=ran.job_id,
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
        """End the job that the turn runs or ran last: a person does not want it any more.

        Only a person's Stop comes here. A shutdown leaves the job alone, for the turn's next run to attach to.
        """
        job = self._running.pop(turn_id, None)
        if job is None:
            return
        try:
            await self._warehouse.cancel(job)
        except WarehouseError as error:  # it ends by its timeout, and is paid for
            log.warning("query.stop_failed", turn_id=turn_id, job_id=job, error=error.detail)
        await self._cashier.collect(job)

    async def _judge_anew(self, sql: str, request: QueryRequest) -> tuple[Check, FromCache | None]:
        """What holds of *sql* now, and what was kept of it: then nothing is spent, and money has no say."""
        check = await self._judge.judge(sql, request)
        may_ever = check.unpriced is not None and not isinstance(check.unpriced, Deny)
        kept = await self._cache.find(check, request) if self._cache is not None and may_ever else None
        return (check, None) if kept is None else (free_check(check), kept)

    async def _answer_from(
        self, kept: FromCache, check: Check, request: QueryRequest, approved: Approval | None
    ) -> QueryOutcome:
        """Another turn's result as this turn's own: no job, nothing held, a row in the audit."""
        job_id = kept.result.job_id
        ran = Ran(job_id, kept.result.table, bytes_processed=0, bytes_billed=0, cache_hit=True)
        await self._cashier.record_from_cache(check, request, approved, job_id)
        log.info("query.from_cache", turn_id=request.turn_id, job_id=job_id, fingerprint=check.fingerprint)
        return replace(await self._keep(check, request, ran, Bill(check.bytes_estimated, 0, 0.0)), ran_at=kept.ran_at)

    async def _ask_budgets(self, check: Check, request: QueryRequest) -> Decision:
        if isinstance(check.decision, Deny):
            return Allow()  # what does not run costs nothing
        jobs = [job_id(request.turn_id, check.fingerprint, generation) for generation in range(MAX_GENERATIONS)]
        return await self._cashier.judge(check, request, jobs=jobs)

    async def _run_job(self, check: Check, request: QueryRequest, approved: Approval | None) -> Ran:
        # An approval fixes the job's name: whoever presses, and however often, it is one job.
        turn_id = request.turn_id if approved is None else approved.request.turn_id
        cap = self._policy.limits.max_bytes_billed if approved is None else approved.request.bytes_ceiling
        for generation in range(MAX_GENERATIONS):
            job = Job(
                id=job_id(turn_id, check.fingerprint, generation),
                sql=check.sql,
                maximum_bytes_billed=cap,
                timeout_seconds=self._policy.job_timeout_seconds,
                labels=job_labels(request, check.fingerprint),
                max_rows=self._policy.max_rows,
                use_cache=not request.is_fresh,
            )
            await self._cashier.reserve(job, check, request, approved)
            self._running[request.turn_id] = job.id
            try:
                ran = await self._warehouse.run(job)
            except WarehouseError as error:
                if error.is_transient:  # the turn's next attempt meets the job, and what is held for it
                    raise
                await self._cashier.collect(job.id)
                if not isinstance(error, JobFailed):
                    raise
                # Terminal: this id will never give rows. After a restart the walk over spent ids begins anew, and
                # costs one request for each.
                log.warning("query.job_failed", job_id=job.id, generation=generation, reason=error.params.get("reason"))
                if generation == MAX_GENERATIONS - 1:
                    raise
                await self._pause(_PAUSE_SECONDS * (generation + 1))
            else:
                await self._cashier.settle(ran, request)
                del self._running[request.turn_id]
                return ran
        raise AssertionError("unreachable: the last generation returns or raises")

    async def _keep(self, check: Check, request: QueryRequest, ran: Ran, bill: Bill) -> QueryOutcome:
        versions = versions_of(check, request, ran, bill, self._now() + self._policy.result_ttl)
        result_id = await self._results.keep(versions.room) if versions.room else None
        fuller_id = await self._results.keep(versions.fuller) if versions.fuller else None
        table = versions.room.table if versions.room else NO_TABLE
        return QueryOutcome(check, table, bill, ran.job_id, result_id, ran.cache_hit, fuller_id)
