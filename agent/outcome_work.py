"""A finished query as the plain values that the state keeps, and back."""

from pydantic import TypeAdapter

from agent.bounded_table import bounded
from agent.notice import Notice
from agent.query import QueryOutcome
from agent.state import OutcomeWork
from agent.turn import Table

_TABLE = TypeAdapter(Table)


def outcome_to_plain(outcome: QueryOutcome) -> OutcomeWork:
    return OutcomeWork(
        table=_TABLE.dump_python(bounded(outcome.table), mode="json"),
        tables_read=list(outcome.tables),
        bytes_estimated=outcome.bill.bytes_estimated,
        bytes_billed=outcome.bill.bytes_billed,
        cost_usd=outcome.bill.cost_usd,
        result_id=outcome.result_id,
        job_id=outcome.job_id,
        is_withheld=outcome.is_withheld,
        ran_at=outcome.ran_at.timestamp() if outcome.ran_at else None,
        fuller_id=outcome.fuller_id,
        holds_tagged=outcome.check.holds_tagged,
        notices=[{"code": notice.code, "params": dict(notice.params)} for notice in _notices(outcome)],
    )


def table_from_plain(outcome: OutcomeWork) -> Table:
    return _TABLE.validate_python(outcome["table"])


def _notices(outcome: QueryOutcome) -> list[Notice]:
    """What the room is told about what it does not see."""
    if outcome.is_withheld:
        return [Notice("access.answered_privately")]
    if not outcome.masked_names:
        return []
    code = "access.masked_here" if outcome.fuller_id else "access.columns_masked"
    return [Notice(code, {"columns": ", ".join(outcome.masked_names)})]
