"""How the gate's verdict, the dry run and the price become one check, and when a check lets run: pure."""

from dataclasses import replace

from agent.bigquery.warehouse import DryRun
from agent.policy.approval_check import void_reasons
from agent.policy.approvals import Approval
from agent.policy.column_access import AccessRuling
from agent.policy.cost import estimate_cost, judge_cost
from agent.policy.decision import Allow, Decision, Deny, NeedApproval, strictest
from agent.policy.query_policy import QueryPolicy
from agent.query_values import Check, QueryRefused
from agent.sql.fingerprint import fingerprint
from agent.sql.verdict import Verdict


def refusal_of(check: Check, approved: Approval | None) -> QueryRefused | None:
    """No approval lifts a denial, and an approval that does not fit lifts nothing at all."""
    if isinstance(check.decision, Deny):
        return QueryRefused(check, check.reasons)
    if approved is None:
        return QueryRefused(check, check.reasons) if isinstance(check.decision, NeedApproval) else None
    drifted = void_reasons(
        approved,
        sql=check.sql,
        fingerprint=check.fingerprint,
        tables=check.tables,
        bytes_estimated=check.bytes_estimated,
        columns=check.schema,
    )
    return QueryRefused(check, drifted) if drifted else None


def _decision_of(verdict: Verdict) -> Decision:
    match verdict.decision:
        case "allow":
            return Allow(verdict.reasons)
        case "approval":
            return NeedApproval(verdict.reasons)
        case "deny":
            return Deny(verdict.reasons)


def denied_check(verdict: Verdict) -> Check:
    """BigQuery is not asked about what may not run."""
    tables = tuple(sorted(str(table) for table in verdict.tables))
    return Check(Deny(verdict.reasons), verdict.sql, fingerprint(verdict.sql), tables)


def free_check(check: Check) -> Check:
    """*check*, where its result is there already: neither its price nor a budget has a say."""
    return check if check.unpriced is None else replace(check, decision=check.unpriced)


def budgeted_check(check: Check, budgets: Decision) -> Check:
    return replace(check, decision=strictest((check.decision, budgets)))


def priced_check(verdict: Verdict, dry_run: DryRun, policy: QueryPolicy, access: AccessRuling) -> Check:
    """Heard in this order: the gate (a single read of known constructs), the dry run (a read of granted tables),
    the bytes cap, the price. `budgeted_check` comes after, an approval's own state last (`refusal_of`). The strictest
    wins, and every reason is kept, the gravest first.
    """
    estimate = estimate_cost(dry_run, policy.limits.price)
    unpriced = strictest((_decision_of(verdict), access.decision))
    return Check(
        decision=strictest((_decision_of(verdict), access.decision, judge_cost(estimate, policy.limits))),
        sql=verdict.sql,
        fingerprint=fingerprint(verdict.sql),
        tables=tuple(sorted(set(dry_run.referenced_tables))),
        bytes_estimated=estimate.bytes_billed,
        cost_usd=estimate.cost_usd,
        schema=dry_run.schema,
        masked=access.masked,
        holds_tagged=access.holds_tagged,
        dry_run=dry_run,
        unpriced=unpriced,
    )
