"""A statement's job at BigQuery: under an id of its own, and under another one only where BigQuery gave it up.

Every attempt, in this process or after a crash, walks the same ids: it meets the job that there is, and pays for it
once.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

import structlog

from agent.bigquery.warehouse import Job, Ran, Warehouse
from agent.cashier import Cashier
from agent.errors import JobFailed, WarehouseError
from agent.job_identity import job_id, job_labels
from agent.policy.approvals import Approval
from agent.policy.query_policy import QueryPolicy
from agent.query_values import Check, QueryRequest

log = structlog.get_logger(__name__)

# A job that BigQuery gave up is run again under a new id this many times in all; then the person hears of it.
MAX_GENERATIONS: Final = 3
_PAUSE_SECONDS: Final = 2.0


class JobRuns:
    def __init__(
        self,
        warehouse: Warehouse,
        cashier: Cashier,
        policy: QueryPolicy,
        *,
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._warehouse = warehouse
        self._cashier = cashier
        self._policy = policy
        self._pause = pause
        self._running: dict[str, str] = {}
        """The job that each turn runs, or left running when it could not wait, by turn."""

    async def run(self, check: Check, request: QueryRequest, approved: Approval | None) -> Ran:
        """What the job came to, held in the budgets before it and paid after it. Raises QueryRefused by a budget."""
        for generation in range(MAX_GENERATIONS):
            job = self._job(check, request, approved, generation)
            await self._cashier.reserve(job, check, request, approved)
            self._running[request.turn_id] = job.id
            try:
                with structlog.contextvars.bound_contextvars(job=job.id):
                    ran = await self._warehouse.run(job)
            except WarehouseError as error:
                if error.is_transient:  # the turn's next attempt meets the job, and what is held for it
                    raise
                del self._running[request.turn_id]
                await self._cashier.collect(job.id)
                if not isinstance(error, JobFailed):
                    raise
                # Terminal: this id will never give rows. After a restart the walk over spent ids begins anew, and
                # costs one request for each.
                log.warning("query.job_failed", job=job.id, generation=generation, reason=error.params.get("reason"))
                if generation == MAX_GENERATIONS - 1:
                    raise
                await self._pause(_PAUSE_SECONDS * (generation + 1))
            else:
                await self._cashier.settle(ran, request)
                del self._running[request.turn_id]
                return ran
        raise AssertionError("unreachable: the last generation returns or raises")

    async def stop(self, turn_id: str) -> None:
        """End the job that the turn runs: a person does not want it any more.

        Only a person's Stop comes here. A shutdown leaves the job alone, for the turn's next run to attach to.
        """
        job = self._running.pop(turn_id, None)
        if job is None:
            return
        try:
            await self._warehouse.cancel(job)
        except WarehouseError as error:  # it ends by its timeout, and is paid for
            log.warning("query.stop_failed", turn=turn_id, job=job, error=error.detail)
        await self._cashier.collect(job)

    def _job(self, check: Check, request: QueryRequest, approved: Approval | None, generation: int) -> Job:
        # An approval fixes the job's name: whoever presses, and however often, it is one job.
        turn_id = request.turn_id if approved is None else approved.request.turn_id
        cap = self._policy.limits.max_bytes_billed if approved is None else approved.request.bytes_ceiling
        return Job(
            id=job_id(turn_id, check.fingerprint, generation),
            sql=check.sql,
            maximum_bytes_billed=cap,
            timeout_seconds=self._policy.job_timeout_seconds,
            labels=job_labels(request, check.fingerprint),
            max_rows=self._policy.max_rows,
            use_cache=not request.is_fresh,
        )


def possible_jobs(turn_id: str, fingerprint: str) -> list[str]:
    """The ids that a turn's statement may run under."""
    return [job_id(turn_id, fingerprint, generation) for generation in range(MAX_GENERATIONS)]
