"""A policy on trial: each statement is judged by it too, and what differs is written down. It decides nothing."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

import structlog

from agent.bigquery.warehouse import DryRun
from agent.cashier import Cashier
from agent.policy.decision import Deny, NeedApproval
from agent.query_access import DryRuns, StatementJudge
from agent.query_values import Check, QueryRequest

log = structlog.get_logger(__name__)

Outcome: TypeAlias = Literal["allow", "mask", "private", "approval", "deny"]
"""mask: somebody who reads along sees values hidden; private: the asker alone sees it."""


@dataclass(frozen=True, slots=True)
class PolicyObserver:
    judge: StatementJudge
    """By the policy on trial."""
    cashier: Cashier
    version: Callable[[], str]
    """Of the policy on trial, as it stands now."""

    async def observe(self, enforced: Check, request: QueryRequest) -> None:
        """Note what would become of *enforced*, which holds. Never raises, and never takes part in the decision."""
        try:
            await self._compare(enforced, request)
        except Exception:  # the boundary of what is only on trial: nobody's question fails by it
            log.exception("policy.not_observed", turn=request.turn_id)

    async def _compare(self, enforced: Check, request: QueryRequest) -> None:
        judge = replace(self.judge, warehouse=_Heard(enforced.dry_run, self.judge.warehouse))
        observed = await judge.judge(enforced.sql, request)
        now, then = outcome_of(enforced), outcome_of(observed)
        if now == then and observed.masked == enforced.masked and observed.room == enforced.room:
            return
        log.info(
            "policy.would_differ",
            turn=request.turn_id,
            fingerprint=enforced.fingerprint,
            enforced=now,
            observed=then,
            reasons=[reason.code for reason in observed.reasons],
            policy_version=self.version(),
        )
        difference = f"{now} > {then}"
        await self.cashier.record_observed(observed, request, difference=difference, policy_version=self.version())


@dataclass(frozen=True, slots=True)
class _Heard:
    """BigQuery has been asked about the statement a moment ago, unless it was denied before."""

    heard: DryRun | None
    warehouse: DryRuns

    async def dry_run(self, sql: str) -> DryRun:
        return self.heard or await self.warehouse.dry_run(sql)


def outcome_of(check: Check) -> Outcome:
    match check.decision:
        case Deny():
            return "deny"
        case NeedApproval():
            return "approval"
        case _:
            if check.room is not None and check.room.is_withheld:
                return "private"
            return "mask" if check.masked or (check.room is not None and check.room.masked) else "allow"
