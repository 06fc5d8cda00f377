"""Asking the model for SQL: the schema stands in the constant part of the prompt, the question last."""

from dataclasses import dataclass
from typing import Annotated

from pydantic import Field

from agent.history import PROMPT_CHARS
from agent.llm.model import Meter, Model, Prompt, Shape
from agent.llm.prompts import PromptFile, fenced

_PROMPT = PromptFile.read("sql_generate", max_tokens=500)

MAX_QUESTION_CHARS = 2000
MAX_PREVIOUS_SQL_CHARS = 2000


class SqlDraft(Shape):
    """SQL, and what its result shows in a few words of the asker's language; no `sql` when there is no answer."""

    title: Annotated[str, Field(max_length=200)]
    sql: Annotated[str, Field(max_length=4000)]


@dataclass(frozen=True, slots=True)
class SqlQuestion:
    """What the SQL is to answer, and what was said before."""

    question: str
    schema: str
    """The tables, as `agent.catalog` renders them."""
    language: str
    """English name of the asker's language, for the title."""
    history: str = ""
    previous_sql: str = ""
    examples: str = ""
    """Right queries for questions like this one."""
    time_zone: str | None = None
    """Where the asker's days begin, if they said; an IANA name. None: in UTC, as BigQuery's own."""


def generate_prompt(asked: SqlQuestion) -> Prompt:
    return _PROMPT.fill(
        system={"schema": asked.schema},
        history=fenced("conversation", asked.history, limit=PROMPT_CHARS) if asked.history else "",
        previous=fenced("previous_sql", asked.previous_sql, limit=MAX_PREVIOUS_SQL_CHARS) if asked.previous_sql else "",
        examples=f"Right queries for similar questions:\n{asked.examples}" if asked.examples else "",
        language=asked.language,
        days=_days_of(asked.time_zone) if asked.time_zone else "",
        message=fenced("message", asked.question, limit=MAX_QUESTION_CHARS),
    )


def _days_of(zone: str) -> str:
    return f" Days are those of {zone}: CURRENT_DATE('{zone}'), and DATE(x, '{zone}') of a TIMESTAMP x."


async def generate_sql(model: Model, asked: SqlQuestion, meter: Meter) -> SqlDraft:
    """The first draft. Raises ModelError."""
    return await model.ask(generate_prompt(asked), SqlDraft, meter)
