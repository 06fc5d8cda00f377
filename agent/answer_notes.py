"""How the question was read, and what may be asked next: one short model call beside the running query.

A call of its own, not two more fields of the draft: each draft and each repair would pay for them (80 tokens, 2.4 s
on the local model) before anything is known to run. Beside the query it costs no time while BigQuery works.
"""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Annotated, Final

import structlog
from pydantic import Field, model_validator

from agent.context import Context
from agent.errors import AgentError
from agent.llm.extras import with_extras
from agent.llm.model import Prompt, Shape
from agent.llm.prompts import PromptFile, fenced
from agent.state import State, Work
from agent.suggest import answerable, is_sayable, named_columns
from agent.turn import Action

log = structlog.get_logger(__name__)

LONGEST_WAIT_SECONDS: Final = 10.0
"""How long rows that are there wait for their notes."""
_PROMPT = PromptFile.read("answer_notes", max_tokens=250)
_LONGEST: Final = 120
_MOST: Final = {"assumptions": (2, _LONGEST - 1), "next_questions": (3, _LONGEST - 1)}
"""What reaches the schema's bound was broken off there."""
_OWN_WORDS: Final = (Action.SQL_GENERATE, Action.EXECUTION_APPROVE)
"""Where a question stands behind the SQL: who wrote the SQL knows how it reads."""


class AnswerNotes(Shape):
    assumptions: Annotated[list[Annotated[str, Field(max_length=_LONGEST)]], Field(max_length=2)]
    next_questions: Annotated[list[Annotated[str, Field(max_length=_LONGEST)]], Field(max_length=3)]

    @model_validator(mode="before")
    @classmethod
    def _never_invalid(cls, raw: object) -> object:
        return with_extras(raw, _MOST)


@asynccontextmanager
async def noting(state: State, context: Context, question: str, sql: str) -> AsyncGenerator[Work]:
    """Takes notes while the block runs the query; what it yields holds them once the block has ended.

    A block that fails ends the call with it. Notes that fail, or are late, are left out: rows are never held up by
    words about them.
    """
    work: Work = {}
    if not _is_wanted(state, context, question):
        yield work
        return
    notes = asyncio.create_task(_notes(state, context, question, sql), name=f"notes:{context.turn.id}")
    try:
        yield work
        await asyncio.wait({notes}, timeout=LONGEST_WAIT_SECONDS)
    finally:
        notes.cancel()
        await asyncio.wait({notes})
    if notes.cancelled():
        log.info("notes.late", turn=context.turn.id)
    else:
        work.update(notes.result())


def _is_wanted(state: State, context: Context, question: str) -> bool:
    route = state["work"].get("route")
    is_asked = route is not None and route["action"] in _OWN_WORDS and bool(question.strip())
    return is_asked and context.services.options.answer_notes_enabled


async def _notes(state: State, context: Context, question: str, sql: str) -> Work:
    turned_away = context.meter.turned_away
    try:
        tables = await context.services.catalog.tables()
        notes = await context.ask(_prompt(context, question, sql, named_columns(sql, tables)), AnswerNotes)
    except AgentError as error:
        context.meter.turned_away = turned_away  # an answer without notes is a whole one
        log.info("notes.left_out", turn=context.turn.id, error=type(error).__name__)
        return {}
    said = [message["text"] for message in state.get("messages", []) if message["role"] == "person"]
    return {
        "assumptions": [text for text in notes.assumptions if is_sayable(text, context.language, tables)],
        "next_questions": answerable(
            notes.next_questions, asked=[question, context.turn.text, *said], language=context.language, tables=tables
        ),
    }


def _prompt(context: Context, question: str, sql: str, columns: str) -> Prompt:
    return _PROMPT.fill(
        question=fenced("question", question, limit=1000),
        sql=fenced("sql", sql, limit=2000),
        columns=fenced("columns", columns, limit=1500),
        language=context.language_name,
    )
