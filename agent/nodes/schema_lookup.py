"""Explains tables from the schema; a reference query may come along and is never executed."""

from typing import Annotated

from langgraph.runtime import Runtime
from pydantic import Field

from agent.context import Context
from agent.errors import AgentError
from agent.history import PROMPT_CHARS
from agent.llm.model import Shape
from agent.llm.prompts import PromptFile, fenced
from agent.reading import reading
from agent.recall import recalled
from agent.sql.generate import MAX_QUESTION_CHARS
from agent.state import State, Update
from agent.turn import Step
from agent.worksheet import jot, jot_failure

_PROMPT = PromptFile.read("schema_lookup", max_tokens=500)


class SchemaExplanation(Shape):
    reply: Annotated[str, Field(max_length=1500)]
    sql: Annotated[str, Field(max_length=4000)]


async def schema_lookup(state: State, runtime: Runtime[Context]) -> Update:
    context = reading(state, runtime.context)
    await context.show(Step.READ_SCHEMA, "running")
    try:
        prompt = _PROMPT.fill(
            system={"schema": await context.schema()},
            history=fenced("conversation", recalled(state, context), limit=PROMPT_CHARS),
            message=fenced("message", context.turn.text, limit=MAX_QUESTION_CHARS),
            language=context.language_name,
        )
        explained = await context.ask(prompt, SchemaExplanation)
    except AgentError as error:
        await context.show(Step.READ_SCHEMA, "failed")
        return jot_failure(state, context, error)
    await context.show(Step.READ_SCHEMA, "done")
    return jot(state, context, {"text": explained.reply, "shown_sql": explained.sql.strip() or None})
