"""Asking the model to mend its SQL, with the engine's own words about what is wrong."""

from agent.llm.model import Meter, Model, Prompt
from agent.llm.prompts import PromptFile, fenced
from agent.sql.generate import SqlDraft, SqlQuestion, generate_prompt

_PROMPT = PromptFile.read("sql_refine", max_tokens=700)


def refine_prompt(asked: SqlQuestion, draft: SqlDraft, problem: str) -> Prompt:
    """The prompt of the first draft with the failure after it: one system text, so the prefix cache still holds."""
    first = generate_prompt(asked)
    failure = _PROMPT.fill(
        sql=fenced("wrong_sql", draft.sql, limit=4000),
        error=fenced("error", problem, limit=1500),
    )
    return Prompt(failure.name, first.system, f"{first.user}\n\n{failure.user}", failure.max_tokens)


async def refine_sql(model: Model, asked: SqlQuestion, draft: SqlDraft, problem: str, meter: Meter) -> SqlDraft:
    """The next draft. Raises ModelError."""
    return await model.ask(refine_prompt(asked, draft, problem), SqlDraft, meter)
