"""Runs what the gate let through, by the one door to BigQuery, which checks it once more."""

from langgraph.runtime import Runtime

from agent.answer_notes import noting
from agent.ask_approval import ask_approval
from agent.check_work import check_to_plain
from agent.context import Context
from agent.decide_approval import request_of
from agent.errors import AgentError
from agent.notice import Notice
from agent.outcome_work import outcome_to_plain
from agent.policy.approvals import Approval
from agent.policy.decision import Allow, Deny
from agent.query import QueryRefused, QueryRequest
from agent.reading import reading
from agent.state import State, Update, Work
from agent.turn import DecisionWord, Step
from agent.worksheet import jot, jot_failure


async def execute_sql(state: State, runtime: Runtime[Context]) -> Update:
    context = reading(state, runtime.context)
    sql = state["work"].get("candidate_sql")
    assert sql, "after_gate opens this way only with a statement in hand"
    await context.show(Step.RUN, "running")
    approved = await _granted(state, context)
    request = request_of(approved, context) if approved else context.query_request
    try:
        async with noting(state, context, request.question, sql) as notes:
            outcome = await context.services.runner.run(sql, request, approved=approved)
    except QueryRefused as refused:  # prices and tables may have changed since the gate looked
        await context.show(Step.RUN, "failed")
        work, hints = await _refused(refused, approved, context, request)
        return jot(state, context, work, (*refused.reasons, *hints))
    except AgentError as error:
        await context.show(Step.RUN, "failed")
        return jot_failure(state, context, error)
    await context.show(Step.RUN, "done")
    return jot(state, context, {"outcome": outcome_to_plain(outcome), **notes})


async def _refused(
    refused: QueryRefused, approved: Approval | None, context: Context, request: QueryRequest
) -> tuple[Work, tuple[Notice, ...]]:
    """What was approved, or cheap enough, is no longer what would run: a person is asked, about what it is now."""
    blocked: Work = {"check": check_to_plain(refused.check), "decision": DecisionWord.BLOCKED.value}
    try:  # heard anew with the budgets: whose word it takes may have changed with the price
        check = await context.services.runner.check(refused.check.sql, request)
    except AgentError:
        return blocked, ()
    if isinstance(check.decision, Deny) or (approved is None and isinstance(check.decision, Allow)):
        return blocked, ()
    asked, hints = await ask_approval(check, context, request)
    return {"check": check_to_plain(check), **asked}, hints


async def _granted(state: State, context: Context) -> Approval | None:
    granted_id = state["work"].get("granted_id")
    return await context.services.approvals.get(granted_id) if granted_id else None
