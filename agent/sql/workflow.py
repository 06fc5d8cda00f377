"""Write SQL, have it judged, mend it: a bounded loop that ends with the best draft, good or not."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import IntEnum
from typing import Final, TypeAlias

import structlog

from agent.errors import ModelError
from agent.llm.model import Meter, Model
from agent.privacy.mask import Mask
from agent.quotes import without_quotes
from agent.sql.generate import SqlDraft, SqlQuestion, generate_sql
from agent.sql.refine import refine_sql

log = structlog.get_logger(__name__)

MAX_TRIES: Final = 3
"""Drafts in all, the first among them."""


class Gravity(IntEnum):
    """How far a draft is from an answer: the nearest one is shown when none gets there."""

    NONE = 0
    INCOMPLETE = 1
    """It would run, and leave out something that the question names."""
    REFUSED = 2
    """BigQuery does not accept what the engine did."""
    MISNAMED = 3
    """A name, a type or a GROUP BY is wrong."""
    UNREADABLE = 4
    """No GoogleSQL at all."""


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a draft."""

    words: str
    """For the model that writes the next one."""
    gravity: Gravity


@dataclass(frozen=True, slots=True)
class Written:
    """How the loop ended."""

    draft: SqlDraft
    """Without `sql` where the model says that these tables cannot answer."""
    tries: int
    """Drafts that were written."""


Mend: TypeAlias = Callable[[str], str]
"""Respells SQL without changing what it means: what no model need be asked for."""

Judge: TypeAlias = Callable[[str], Awaitable[Problem | None]]
"""What is wrong with the SQL; None when nothing is, or when no rewording would mend it."""

OnTry: TypeAlias = Callable[[SqlDraft, int], Awaitable[None]]
"""Told of each draft before it is judged, with its number from 1."""


async def _unheard(draft: SqlDraft, number: int) -> None:
    """Nobody follows the tries."""


async def write_sql(
    model: Model,
    asked: SqlQuestion,
    judge: Judge,
    meter: Meter,
    *,
    mend: Mend = str,
    max_tries: int = MAX_TRIES,
    on_try: OnTry = _unheard,
) -> Written:
    """The first draft that passes *judge*, else the best of *max_tries*, the later of two that are as good.

    Raises ModelError when there is no draft at all.
    """
    draft = _mended(await generate_sql(model, asked, meter), mend)
    best, least = draft, None
    number = 1
    while draft.sql:  # without, the model says that these tables cannot answer
        await on_try(draft, number)
        problem = await judge(draft.sql)
        gravity = problem.gravity if problem else Gravity.NONE
        if least is None or gravity <= least:
            best, least = draft, gravity
        if problem is None or number == max_tries:
            break
        await _note_refusal(problem, number)
        try:
            draft = _mended(await refine_sql(model, asked, problem.words, number, meter), mend)
        except ModelError as error:  # what is in hand is the best there is: its own error is what people are told
            log.warning("sql.refine_failed", error=type(error).__name__)
            break
        number += 1
    return Written(best, number)


async def _note_refusal(problem: Problem, number: int) -> None:
    # What the engine says may quote a literal: logs hold no personal data either.
    words = without_quotes(await asyncio.to_thread(Mask().hide, problem.words[:200]))
    log.info("sql.draft_refused", attempt=number, gravity=problem.gravity.name, problem=words)


def _mended(draft: SqlDraft, mend: Mend) -> SqlDraft:
    return draft.model_copy(update={"sql": mend(draft.sql)})
