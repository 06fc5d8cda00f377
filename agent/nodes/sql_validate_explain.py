"""Dry-runs the person's SQL, or the previous one, and explains it. Nothing is executed on this road."""

from typing import Annotated

from langgraph.runtime import Runtime
from pydantic import Field

from agent.backing import Backing
from agent.check_work import check_to_plain, is_denied
from agent.context import Context
from agent.earlier_result import earlier_result, rows_for_model
from agent.errors import AgentError, InvalidQuery, ModelError
from agent.llm.model import Shape
from agent.llm.prompts import PromptFile, fenced
from agent.notice import Notice
from agent.query import Check
from agent.reading import reading
from agent.results import StoredResult
from agent.sql.blocks import sql_in
from agent.state import State, Update, Work
from agent.turn import DecisionWord, Step
from agent.worksheet import jot, jot_failure

_PROMPT = PromptFile.read("sql_validate_explain", max_tokens=400)
_MAX_RESULT_CHARS = 3000


class SqlExplanation(Shape):
    reply: Annotated[str, Field(max_length=1200)]


async def sql_validate_explain(state: State, runtime: Runtime[Context]) -> Update:
    context = reading(state, runtime.context)
    sql = sql_in(context.turn.text) or state.get("last", {}).get("sql")
    if not sql:
        return jot(state, context, notices=[Notice("sql.none_to_explain")])
    await context.show(Step.PRICE, "running")
    try:
        check = await context.services.runner.check(sql, context.query_request)
    except InvalidQuery as error:
        await context.show(Step.PRICE, "failed")
        update = jot_failure(state, context, error, {"shown_sql": sql})
        return await _explain({**state, **update}, context, sql, f"error: {error.detail}")
    except AgentError as error:
        await context.show(Step.PRICE, "failed")
        return jot_failure(state, context, error, {"shown_sql": sql})
    await context.show(Step.PRICE, "done")
    work: Work = {"shown_sql": sql, "check": check_to_plain(check)}
    if is_denied(check):
        return jot(state, context, {**work, "decision": DecisionWord.BLOCKED.value}, check.reasons)
    is_theirs = sql_in(context.turn.text) is not None or check.holds_tagged or check.masked or check.room
    stored = None if is_theirs else await earlier_result(state, context)
    update = jot(state, context, work, [*([] if stored else [Notice("sql.valid")]), *check.reasons])
    return await _explain({**state, **update}, context, sql, _facts(check), stored)


async def _explain(state: State, context: Context, sql: str, facts: str, stored: StoredResult | None = None) -> Update:
    """The model's words beside the verdict, which stands with or without them; of a result, no figure but its own."""
    prompt = _PROMPT.fill(
        sql=fenced("sql", sql, limit=4000),
        facts=fenced("dry_run", facts, limit=800),
        result=fenced("result", rows_for_model(stored), limit=_MAX_RESULT_CHARS) if stored else "",
        message=fenced("message", context.turn.text, limit=1000),
        language=context.language_name,
    )
    try:
        explained = await context.ask(prompt, SqlExplanation)
    except ModelError as error:
        return jot(state, context, notices=[error.notice])
    if stored is None:
        return jot(state, context, {"text": explained.reply})
    words = Backing((context.turn.text, sql), stored.table).keep(explained.reply)
    return jot(state, context, {"text": words or None}, [] if words else [Notice("explain.unbacked")])


def _facts(check: Check) -> str:
    return f"valid; tables: {', '.join(check.tables)}; bytes: {check.bytes_estimated}"
