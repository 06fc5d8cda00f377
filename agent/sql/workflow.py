"""Write SQL, have it judged, mend it: a bounded loop that ends with the last draft, good or not."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeAlias

import structlog

from agent.errors import ModelError
from agent.llm.model import Meter, Model
from agent.privacy.mask import Mask
from agent.sql.generate import SqlDraft, SqlQuestion, generate_sql
from agent.sql.refine import refine_sql

log = structlog.get_logger(__name__)

MAX_REFINEMENTS = 3

Mend: TypeAlias = Callable[[str], str]
"""Respells SQL without changing what it means: what no model need be asked for."""

Judge: TypeAlias = Callable[[str], Awaitable[str | None]]
"""What is wrong with the SQL in words for the model; None when nothing is, or when no rewording would mend it."""


async def write_sql(
    model: Model,
    asked: SqlQuestion,
    judge: Judge,
    meter: Meter,
    *,
    mend: Mend = str,
    max_refinements: int = MAX_REFINEMENTS,
) -> SqlDraft:
    """The first draft that passes *judge*, else the last one. Raises ModelError when there is no draft at all."""
    draft = _mended(await generate_sql(model, asked, meter), mend)
    problems: dict[str, str] = {}
    for attempt in range(1, max_refinements + 1):
        if not draft.sql:  # the model says that these tables cannot answer it
            return draft
        problem = problems.get(draft.sql) or await judge(draft.sql)
        if problem is None:
            return draft
        problems[draft.sql] = problem
        # What the engine says may quote a literal: logs hold no personal data either.
        log.info("sql.draft_refused", attempt=attempt, problem=await asyncio.to_thread(Mask().hide, problem[:200]))
        try:
            another = await refine_sql(model, asked, problem, attempt, meter)
        except ModelError as error:  # the draft in hand is the best there is: its own error is what people are told
            log.warning("sql.refine_failed", error=type(error).__name__)
            return draft
        if not another.sql:
            return draft
        draft = _mended(another, mend)
    return draft


def _mended(draft: SqlDraft, mend: Mend) -> SqlDraft:
    return draft.model_copy(update={"sql": mend(draft.sql)})
