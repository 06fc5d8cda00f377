"""Writes SQL for the question, has it dry-run and mended; whether it may run is decided further down the road."""

import asyncio

from langgraph.runtime import Runtime

from agent.catalog.columns_hint import columns_hint
from agent.catalog.examples import nearest_examples
from agent.catalog.quoting import quote_wildcards
from agent.context import Context
from agent.errors import AgentError, InvalidQuery
from agent.notice import Notice
from agent.privacy.named_values import unused_in, values_named_in
from agent.recall import recalled
from agent.sql.generate import SqlDraft, SqlQuestion
from agent.sql.workflow import write_sql
from agent.state import State, Update
from agent.turn import Step
from agent.worksheet import jot, jot_failure


async def sql_generate(state: State, runtime: Runtime[Context]) -> Update:
    context = runtime.context
    step = Step.READ_SCHEMA
    await context.show(step, "running")
    try:
        asked = await _question(state, context)
        await context.show(step, "done")
        step = Step.WRITE_SQL
        await context.show(step, "running")
        named = await asyncio.to_thread(values_named_in, context.turn.text)
        draft = await _write(context, asked, named)
    except AgentError as error:
        await context.show(step, "failed")
        return jot_failure(state, context, error)
    sql = draft.sql.strip().rstrip(";").rstrip()
    if not sql:
        await context.show(step, "failed")
        # Not the model's title: a weak one says "Orders table dropped" where it wrote nothing.
        return jot(state, context, notices=[Notice("sql.cannot_answer")])
    await context.show(step, "done")
    unused = ", ".join(unused_in(sql, named))
    caveats = [Notice("caveat.value_unused", {"values": unused})] if unused else []
    return jot(state, context, {"candidate_sql": sql, "title": draft.title}, caveats)


async def _write(context: Context, asked: SqlQuestion, named: tuple[str, ...]) -> SqlDraft:
    services, options = context.services, context.services.options
    tables = await services.catalog.tables()

    def mend(sql: str) -> str:
        return quote_wildcards(sql, tables, options.default_project)

    async def judge(sql: str) -> str | None:
        """What the engine cannot make sense of goes back, and what leaves a named value out; a refusal never does."""
        try:
            await services.runner.check(sql, context.query_request)
        except InvalidQuery as error:
            hint = columns_hint(sql, error.detail, tables, options.default_project)
            return f"{error.detail}\n{hint}".strip()
        if unused := unused_in(sql, named):  # else everybody's figures would be shown as one customer's
            return f"The query must filter by {', '.join(unused)}, as the question says."
        return None

    refinements = options.max_refinements if options.sql_workflow_graph_enabled else 0
    return await write_sql(services.model, asked, judge, context.meter, mend=mend, max_refinements=refinements)


async def _question(state: State, context: Context) -> SqlQuestion:
    last = state.get("last", {})
    tables = await context.services.catalog.tables()
    return SqlQuestion(
        question=context.turn.text,
        schema=await context.schema(),
        language=context.language_name,
        history=recalled(state, context),
        previous_sql=last.get("sql", ""),
        examples=nearest_examples(tables, context.turn.text),
    )
