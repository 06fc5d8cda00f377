"""A finished query as the plain values that the state keeps, and back."""

from pydantic import TypeAdapter

from agent.bounded_table import bounded
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
    )


def table_from_plain(outcome: OutcomeWork) -> Table:
    return _TABLE.validate_python(outcome["table"])
