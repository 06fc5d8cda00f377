"""Picks the SQL that is to run and has it checked: generated, in the message, or the conversation's previous one."""

from langgraph.runtime import Runtime

from agent.asked_form import form_named_in
from agent.check_work import check_to_plain, is_denied
from agent.context import Context
from agent.earlier_result import earlier_result, shown_again
from agent.errors import AgentError, InvalidQuery
from agent.notice import Notice
from agent.query import Check
from agent.reading import reading
from agent.sql.blocks import sql_in
from agent.state import State, Update, Work
from agent.turn import Action, RunSql, Step
from agent.worksheet import jot, jot_failure


async def validate_candidate_sql(state: State, runtime: Runtime[Context]) -> Update:
    context = reading(state, runtime.context)
    sql = state["work"].get("candidate_sql") or _picked(state, context)
    if not sql:
        notices = [] if _is_generated(state) else [Notice("sql.none_to_run")]  # sql_generate has said why
        return jot(state, context, {"candidate_sql": None}, notices)
    await context.show(Step.PRICE, "running")
    try:
        check = await context.services.runner.check(sql, context.query_request)
    except AgentError as error:
        await context.show(Step.PRICE, "failed")
        state = {**state, **jot(state, context, notices=_gave_up(state, error))}
        return jot_failure(state, context, error, {"candidate_sql": None, "shown_sql": sql})
    if form_named_in(context.turn.text) and (again := await _shown_again(sql, check, state, context)):
        await context.show(Step.PRICE, "done")
        return jot(state, context, again)
    return jot(state, context, {"candidate_sql": sql, "check": check_to_plain(check)})


async def _shown_again(sql: str, check: Check, state: State, context: Context) -> Work | None:
    """The last result in another form: what may still be read here is shown without being run."""
    last = state.get("last", {})
    if check.masked or check.room:  # who may see which column has changed: the door masks what it runs anew
        return None
    is_theirs = sql_in(context.turn.text) is not None
    if is_theirs or sql != last.get("sql") or is_denied(check) or not (stored := await earlier_result(state, context)):
        return None
    outcome = shown_again(stored, last.get("result_id") or "", holds_tagged=check.holds_tagged)
    return {
        "candidate_sql": None,
        "shown_sql": sql,
        "check": check_to_plain(check),
        "outcome": outcome,
        "title": last.get("title"),
    }


def _gave_up(state: State, error: AgentError) -> list[Notice]:
    """After several drafts the person reads that there were several, before what is wrong with the best of them."""
    tries = state["work"].get("tries", 0)
    is_unmended = _is_generated(state) and isinstance(error, InvalidQuery) and tries > 1
    return [Notice("sql.gave_up", {"tries": tries})] if is_unmended else []


def _picked(state: State, context: Context) -> str | None:
    if _is_generated(state):
        return None
    preset = context.turn.preset
    if isinstance(preset, RunSql):
        return preset.sql
    return sql_in(context.turn.text) or state.get("last", {}).get("sql")


def _is_generated(state: State) -> bool:
    route = state["work"].get("route")
    return route is not None and route["action"] == Action.SQL_GENERATE
