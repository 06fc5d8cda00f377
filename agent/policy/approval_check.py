"""Whether an approval still covers what is about to run: pure."""

from collections.abc import Generator

from agent.notice import Notice
from agent.policy.approvals import Approval, ApprovalState


def void_reasons(
    approval: Approval, *, sql: str, fingerprint: str, tables: tuple[str, ...], bytes_estimated: int | None
) -> tuple[Notice, ...]:
    """Why *approval* does not cover the statement as it stands now; empty when it does."""
    return tuple(_drifts(approval, sql, fingerprint, tables, bytes_estimated))


def _drifts(
    approval: Approval, sql: str, fingerprint: str, tables: tuple[str, ...], bytes_estimated: int | None
) -> Generator[Notice]:
    asked = approval.request
    if approval.state is not ApprovalState.APPROVED:
        yield Notice("approval.not_granted", {"state": str(approval.state)})
    if (asked.sql, asked.fingerprint) != (sql, fingerprint):
        yield Notice("approval.void_statement")
    if asked.tables != tables:
        yield Notice("approval.void_tables")
    if bytes_estimated is None or bytes_estimated > asked.bytes_ceiling:
        yield Notice("approval.void_price", {"size": bytes_estimated or 0, "limit": asked.bytes_ceiling})
