"""Picks the SQL that is to run and has it checked: generated, in the message, or the conversation's previous one."""

from langgraph.runtime import Runtime

from agent.check_work import check_to_plain
from agent.context import Context
from agent.errors import AgentError, InvalidQuery
from agent.notice import Notice
from agent.reading import reading
from agent.sql.blocks import sql_in
from agent.state import State, Update
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
    return jot(state, context, {"candidate_sql": sql, "check": check_to_plain(check)})


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
