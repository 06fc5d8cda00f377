"""Writes SQL for the question, has it dry-run and mended; whether it may run is decided further down the road."""

import asyncio

from langgraph.runtime import Runtime

from agent.catalog.examples import nearest_examples
from agent.catalog.quoting import quote_wildcards
from agent.context import Context
from agent.draft_judge import DraftJudge
from agent.errors import AgentError
from agent.notice import Notice
from agent.privacy.named_values import unused_in, values_named_in
from agent.reading import reading
from agent.recall import recalled
from agent.sql.generate import SqlDraft, SqlQuestion
from agent.sql.workflow import Written, write_sql
from agent.state import State, Update, Work
from agent.turn import Step
from agent.two_readers import names_any
from agent.worksheet import jot, jot_failure


async def sql_generate(state: State, runtime: Runtime[Context]) -> Update:
    context = reading(state, runtime.context)
    step = Step.READ_SCHEMA
    await context.show(step, "running")
    try:
        asked = await _question(state, context)
        await context.show(step, "done")
        step = Step.WRITE_SQL
        await context.show(step, "running")
        named = await asyncio.to_thread(values_named_in, context.turn.text)
        written = await _write(context, asked, named)
    except AgentError as error:
        await context.show(step, "failed")
        return jot_failure(state, context, error)
    draft, tries = written.draft, _tries(written.tries, context)
    if not draft.sql:
        await context.show(step, "failed", tries)
        # Not the model's title: a weak one says "Orders table dropped" where it wrote nothing.
        return jot(state, context, notices=[Notice("sql.cannot_answer")])
    await context.show(step, "done", tries)
    unused = ", ".join(unused_in(draft.sql, named))
    caveats = [Notice("caveat.value_unused", {"values": unused})] if unused else []
    work: Work = {"candidate_sql": draft.sql, "title": draft.title, "tries": written.tries}
    return jot(state, context, work, caveats)


async def _write(context: Context, asked: SqlQuestion, named: tuple[str, ...]) -> Written:
    services, options = context.services, context.services.options
    tables = await context.own_catalog.tables_of_asker()
    kept_from_room = await context.own_catalog.kept_from_room()

    def mend(sql: str) -> str:
        return quote_wildcards(sql.strip().rstrip(";").rstrip(), tables, options.default_project)

    async def follow(draft: SqlDraft, number: int) -> None:
        if not names_any(draft.sql, kept_from_room):  # a stopped turn shows its draft to the room
            context.keep_draft(draft.sql)
        if number > 1:
            await context.show(Step.WRITE_SQL, "running", _tries(number, context))

    return await write_sql(
        services.model,
        asked,
        DraftJudge(context, tables, named),
        context.meter,
        mend=mend,
        max_tries=_max_tries(context),
        on_try=follow,
    )


def _max_tries(context: Context) -> int:
    options = context.services.options
    return options.sql_max_tries if options.sql_workflow_graph_enabled else 1


def _tries(number: int, context: Context) -> str:
    """`2/3`; nothing for what succeeds at once."""
    return f"{number}/{_max_tries(context)}" if number > 1 else ""


async def _question(state: State, context: Context) -> SqlQuestion:
    last = state.get("last", {})
    tables = await context.own_catalog.tables_of_asker()
    return SqlQuestion(
        question=context.turn.text,
        schema=await context.schema(of_asker=True),
        language=context.language_name,
        history=recalled(state, context),
        previous_sql=last.get("sql", ""),
        examples=nearest_examples(tables, context.turn.text),
        time_zone=context.turn.actor.preferences.time_zone,
    )
