"""The conversation's last result, shown in another form or explained: read once more, never run once more."""

import json
from typing import Any, Final

from pydantic import TypeAdapter

from agent.bounded_table import bounded
from agent.context import Context
from agent.errors import AgentError
from agent.history import MOST_ROWS_IN_A_PROMPT
from agent.policy.decision import Deny
from agent.results import StoredResult
from agent.state import OutcomeWork, State
from agent.turn import Table

_TABLE: Final[TypeAdapter[Table]] = TypeAdapter(Table)


async def earlier_result(state: State, context: Context) -> StoredResult | None:
    """What the thread's last SQL came to; None where it has expired, or was not shown here as it is kept."""
    last, results = state.get("last", {}), context.services.results
    result_id = last.get("result_id")
    if results is None or not result_id:
        return None
    stored = await results.load(result_id)
    if stored is None or stored.conversation != context.turn.conversation or stored.sql != last.get("sql"):
        return None
    return stored if not stored.masked_columns and await _is_still_theirs(stored, context) else None


async def _is_still_theirs(stored: StoredResult, context: Context) -> bool:
    """Whoever came into the room since then, and whatever the policy says by now, sees and hears no more of it."""
    try:
        check = await context.services.runner.check(stored.sql, context.query_request)
    except AgentError:
        return False
    return not isinstance(check.decision, Deny) and check.room is None and not check.masked


def shown_again(stored: StoredResult, result_id: str, *, holds_tagged: bool) -> OutcomeWork:
    """*stored* as this turn's outcome: it cost nothing this time. No row that *holds_tagged* goes to a model."""
    table: dict[str, Any] = _TABLE.dump_python(bounded(stored.table), mode="json")
    return OutcomeWork(
        table=table,
        tables_read=list(stored.tables_read),
        bytes_estimated=0,
        bytes_billed=0,
        cost_usd=0.0,
        result_id=result_id,
        holds_tagged=holds_tagged,
    )


def rows_for_model(stored: StoredResult) -> str:
    """The first rows, one JSON object each. Not for a result that holds tagged columns: the caller has looked."""
    names = [column.name for column in stored.table.columns]
    rows = (dict(zip(names, row, strict=True)) for row in stored.table.rows[:MOST_ROWS_IN_A_PROMPT])
    told = [json.dumps(row, ensure_ascii=False, default=str) for row in rows]
    return "\n".join([f"{stored.table.total_rows} rows; the first of them:", *told])
