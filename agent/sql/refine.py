"""Asking the model for another draft, with the engine's own words about what was wrong.

The failed draft is not shown and the temperature is not 0: a small model copies what it reads, and at 0 repeats itself.
"""

from typing import Final

from agent.llm.model import Meter, Model, Prompt
from agent.llm.prompts import PromptFile, fenced
from agent.sql.generate import SqlDraft, SqlQuestion, generate_prompt

_PROMPT = PromptFile.read("sql_refine", max_tokens=500)

_TEMPERATURES: Final = (0.6, 0.8, 1.0)
"""Of the first, second and any later try again."""


def refine_prompt(asked: SqlQuestion, problem: str, attempt: int = 1) -> Prompt:
    """The prompt of the first draft with the problem after it: one system text, so the prefix cache still holds."""
    first = generate_prompt(asked)
    failure = _PROMPT.fill(error=fenced("error", problem, limit=1500))
    temperature = _TEMPERATURES[min(attempt, len(_TEMPERATURES)) - 1]
    return Prompt(failure.name, first.system, f"{first.user}\n\n{failure.user}", failure.max_tokens, temperature)


async def refine_sql(model: Model, asked: SqlQuestion, problem: str, attempt: int, meter: Meter) -> SqlDraft:
    """The next draft; *attempt* counts from 1. Raises ModelError."""
    return await model.ask(refine_prompt(asked, problem, attempt), SqlDraft, meter)
