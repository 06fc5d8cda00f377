"""Whether BigQuery's own dry run agrees that this is a read of granted tables: pure."""

from typing import Final

from agent.bigquery.warehouse import DryRun
from agent.notice import Notice
from agent.policy.access import judge_access, judge_routines
from agent.policy.decision import Allow, Decision, Deny, NeedApproval, strictest
from agent.sql.rules import ReadRights

# The list of referenced tables is documented as incomplete from here on.
_TABLES_LISTED: Final = 50


def judge_dry_run(
    dry_run: DryRun, rights: ReadRights, default_project: str, explained: frozenset[str] = frozenset()
) -> Decision:
    """*explained* are tables that the reader may not name, and that views which they may name read for them."""
    return strictest(
        (
            _judge_statement(dry_run),
            judge_access(set(dry_run.referenced_tables) - explained, rights, default_project),
            judge_routines(dry_run.referenced_routines, rights, default_project),
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
