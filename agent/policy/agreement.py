"""Whether BigQuery's own dry run agrees that this is a read of granted tables: pure."""

from typing import Final

from agent.bigquery.warehouse import DryRun
from agent.notice import Notice
from agent.policy.access import DatasetAllowlist, judge_access, judge_routines
from agent.policy.decision import Allow, Decision, Deny, NeedApproval, strictest

# The list of referenced tables is documented as incomplete from here on.
_TABLES_LISTED: Final = 50


def judge_dry_run(dry_run: DryRun, allowlist: DatasetAllowlist, default_project: str) -> Decision:
    return strictest(
        (
            _judge_statement(dry_run),
            judge_access(dry_run.referenced_tables, allowlist, default_project),
            judge_routines(dry_run.referenced_routines, allowlist, default_project),
            _judge_count(dry_run),
        )
    )


def _judge_statement(dry_run: DryRun) -> Decision:
    if dry_run.statement_type == "SELECT":
        return Allow()
    return Deny((Notice("deny.not_a_read", {"kind": dry_run.statement_type or "?"}),))


def _judge_count(dry_run: DryRun) -> Decision:
    count = len(dry_run.referenced_tables)
    if count < _TABLES_LISTED:
        return Allow()
    return NeedApproval((Notice("approval.many_tables", {"count": count}),))
