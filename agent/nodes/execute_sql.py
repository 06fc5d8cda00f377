"""Runs what the gate let through, by the one door to BigQuery, which checks it once more."""

from langgraph.runtime import Runtime

from agent.context import Context
from agent.errors import AgentError
from agent.outcome_work import outcome_to_plain
from agent.policy.approvals import Approval
from agent.query import QueryRefused
from agent.state import State, Update
from agent.turn import DecisionWord, Step
from agent.worksheet import jot, jot_failure


async def execute_sql(state: State, runtime: Runtime[Context]) -> Update:
    context = runtime.context
    sql = state["work"].get("candidate_sql")
    assert sql, "after_gate opens this way only with a statement in hand"
    await context.show(Step.RUN, "running")
    try:
        approved = await _granted(state, context)
        outcome = await context.services.runner.run(sql, context.query_request, approved=approved)
    except QueryRefused as refused:  # prices and tables may have changed since the gate looked
        await context.show(Step.RUN, "failed")
        return jot(state, context, {"decision": DecisionWord.BLOCKED.value}, refused.reasons)
    except AgentError as error:
        await context.show(Step.RUN, "failed")
        return jot_failure(state, context, error)
    await context.show(Step.RUN, "done")
    return jot(state, context, {"outcome": outcome_to_plain(outcome)})


async def _granted(state: State, context: Context) -> Approval | None:
    granted_id = state["work"].get("granted_id")
    return await context.services.approvals.get(granted_id) if granted_id else None
