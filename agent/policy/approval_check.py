"""Whether an approval still covers what is about to run: pure."""

from collections.abc import Generator, Iterable

from agent.notice import Notice
from agent.policy.approvals import Approval, ApprovalState
from agent.turn import Column

_MOST_NAMED = 6


def void_reasons(
    approval: Approval,
    *,
    sql: str,
    fingerprint: str,
    tables: tuple[str, ...],
    bytes_estimated: int | None,
    columns: tuple[Column, ...],
) -> tuple[Notice, ...]:
    """Why *approval* does not cover the statement as it stands now; empty when it does."""
    asked = approval.request
    return (
        *_judge_word(approval, sql, fingerprint),
        *_judge_tables(asked.tables, tables),
        *_judge_columns(asked.columns, columns),
        *_judge_price(asked.bytes_ceiling, bytes_estimated),
    )


def _judge_word(approval: Approval, sql: str, fingerprint: str) -> Generator[Notice]:
    if approval.state is not ApprovalState.APPROVED:
        yield Notice("approval.not_granted", {"state": str(approval.state)})
    if (approval.request.sql, approval.request.fingerprint) != (sql, fingerprint):
        yield Notice("approval.void_statement")


def _judge_tables(approved: tuple[str, ...], now: tuple[str, ...]) -> Generator[Notice]:
    """A view that reads other tables than it did shows here: a dry run names the tables below views."""
    if approved != now:
        yield Notice("approval.void_tables", {"changes": _changes(approved, now)})


def _judge_columns(approved: tuple[Column, ...], now: tuple[Column, ...]) -> Generator[Notice]:
    if approved and approved != now:  # an approval of an earlier version of the bot kept none
        before, after = (tuple(f"{column.name} {column.type}" for column in columns) for columns in (approved, now))
        yield Notice("approval.void_columns", {"changes": _changes(before, after) or ", ".join(after)})


def _judge_price(ceiling: int, bytes_estimated: int | None) -> Generator[Notice]:
    if bytes_estimated is None or bytes_estimated > ceiling:
        yield Notice("approval.void_price", {"size": bytes_estimated or 0, "limit": ceiling})


def _changes(before: Iterable[str], after: Iterable[str]) -> str:
    """`+ new, \N{MINUS SIGN} gone`: data, not a sentence."""
    old, new = set(before), set(after)
    changes = [*(f"+ {name}" for name in sorted(new - old)), *(f"\N{MINUS SIGN} {name}" for name in sorted(old - new))]
    more = len(changes) - _MOST_NAMED
    return ", ".join([*changes[:_MOST_NAMED], *([f"+ {more}"] if more > 0 else [])])
