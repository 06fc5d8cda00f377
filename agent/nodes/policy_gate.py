"""The last word before anything runs: asks the door, asks a person where it must, and opens the way or does not.

It advises: `QueryRunner.run` checks again whatever is decided here.
"""

from langgraph.runtime import Runtime

from agent.ask_approval import ask_approval, waiting_work
from agent.check_work import check_to_plain
from agent.context import Context
from agent.decide_approval import decide_approval
from agent.errors import AgentError
from agent.policy.decision import Allow, Deny, NeedApproval
from agent.query import Check
from agent.reading import reading
from agent.state import State, Update, Work
from agent.turn import Action, DecisionWord, Step
from agent.worksheet import jot, jot_failure


async def policy_gate(state: State, runtime: Runtime[Context]) -> Update:
    context = reading(state, runtime.context)
    route = state["work"].get("route")
    assert route is not None, "plan_turn_action always leaves a route"
    match Action(route["action"]):
        case Action.EXECUTION_APPROVE:
            return await _decide(state, context, approve=True)
        case Action.EXECUTION_CANCEL:
            return await _decide(state, context, approve=False)
        case _:
            return await _judge_candidate(state, context)


async def _decide(state: State, context: Context, *, approve: bool) -> Update:
    word = await decide_approval(state, context, approve=approve)
    if word.granted is None:
        work: Work = {"candidate_sql": None, "decision": DecisionWord.BLOCKED.value}
        return jot(state, context, {**work, **waiting_work(word.candidates)}, word.notices)
    work = {
        "candidate_sql": word.granted.request.sql,
        "title": word.granted.request.question,
        "granted_id": word.granted.id,
        "decision": DecisionWord.AUTO_EXECUTE.value,
    }
    return jot(state, context, work, word.notices)


async def _judge_candidate(state: State, context: Context) -> Update:
    sql = state["work"].get("candidate_sql")
    if not sql:
        return jot(state, context)
    try:
        check = await context.services.runner.check(sql, context.query_request)
    except AgentError as error:
        await context.show(Step.PRICE, "failed")
        return jot_failure(state, context, error, {"candidate_sql": None, "shown_sql": sql})
    await context.show(Step.PRICE, "failed" if isinstance(check.decision, Deny) else "done", _size(check))
    return await _act_on(check, state, context)


async def _act_on(check: Check, state: State, context: Context) -> Update:
    work: Work = {"check": check_to_plain(check)}
    match check.decision:
        case Allow():
            return jot(state, context, {**work, "decision": DecisionWord.AUTO_EXECUTE.value})
        case NeedApproval():
            asked, hints = await ask_approval(check, context, context.query_request)
            return jot(state, context, {**work, **asked}, (*check.reasons, *hints))
        case Deny():
            return jot(state, context, {**work, "decision": DecisionWord.BLOCKED.value}, check.reasons)


def _size(check: Check) -> str:
    """`12.3 MB`, or nothing where the dry run could not say."""
    size = float(check.bytes_estimated or 0)
    if check.bytes_estimated is None:
        return ""
    for unit in ("B", "kB", "MB", "GB"):
        if size < 1000:
            return f"{size:.3g} {unit}"
        size /= 1000
    return f"{size:.3g} TB"
