"""Asks back instead of guessing: one question, and up to four readings that the tables can tell apart.

What the model offers is checked against the catalog. A reading that names something that is not there is dropped;
where fewer than two are left the question stands alone, and the person answers in their own words.
"""

from collections.abc import Sequence
from typing import Annotated, Any, Final, cast

import structlog
from pydantic import Field, field_validator

from agent.bigquery.warehouse import TableInfo
from agent.catalog.named import column_named, has_value
from agent.context import Context
from agent.errors import AgentError
from agent.history import PROMPT_CHARS
from agent.llm.model import Prompt, Shape
from agent.llm.prompts import PromptFile, fenced
from agent.open_question import choice_to_plain
from agent.recall import recalled
from agent.sql.generate import MAX_QUESTION_CHARS
from agent.state import State, Work
from agent.suggest import is_sayable, same_words
from agent.turn import Choice, Language

log = structlog.get_logger(__name__)

_PROMPT = PromptFile.read("clarify", max_tokens=600)
_MOST: Final = 4
_FEWEST: Final = 2
_LONGEST: Final = {"label": 60, "question": 200, "column": 120, "value": 80}


class Offer(Shape):
    """One reading, as the model binds it: `column` is a column of the catalog, `value` one of its values or nothing."""

    label: Annotated[str, Field(max_length=60)]
    question: Annotated[str, Field(max_length=200)]
    column: Annotated[str, Field(max_length=120)]
    value: Annotated[str, Field(max_length=80)]


class Clarification(Shape):
    question: Annotated[str, Field(max_length=240)]
    choices: Annotated[list[Offer], Field(max_length=_MOST)]

    @field_validator("choices", mode="before")
    @classmethod
    def _odd_ones_are_left_out(cls, raw: object) -> object:
        """An endpoint that enforces no schema sends what it likes: the question is worth more than its choices."""
        if not isinstance(raw, list):
            return []
        return [offer for offer in map(_offer, cast(list[object], raw)) if offer][:_MOST]


async def clarify(state: State, context: Context, doubt: str) -> Work:
    """The question and its choices; *doubt*, the router's own question, where the model has nothing better."""
    try:
        asked = await context.ask(await _prompt(state, context, doubt), Clarification)
        tables = await context.services.catalog.tables()
    except AgentError as error:
        log.warning("clarify.without_choices", error=type(error).__name__)
        return {"text": doubt}
    said = (context.turn.text, state.get("last", {}).get("sql", ""))
    choices = bound(asked.choices, asked=context.turn.text, language=context.language, tables=tables, said=said)
    question = asked.question.strip()
    # A small model says the message over again where it should ask.
    is_question = is_sayable(question, context.language, tables) and same_words(question) != same_words(said[0])
    return {
        "text": question if is_question else doubt,
        "choices": [choice_to_plain(choice) for choice in choices],
    }


def bound(
    offers: Sequence[Offer], *, asked: str, language: Language, tables: Sequence[TableInfo], said: Sequence[str] = ()
) -> tuple[Choice, ...]:
    """The readings that name what is there, each once; none at all when fewer than two are left."""
    known = {same_words(asked)}
    labels: set[str] = set()
    kept: list[Choice] = []
    for offer in offers:
        words, label = same_words(offer.question), same_words(offer.label)
        if words in known or not label or label in labels or not _is_bound(offer, language, tables, said):
            continue
        known.add(words)
        labels.add(label)
        kept.append(Choice(" ".join(offer.label.split()), " ".join(offer.question.split())))
    return tuple(kept[:_MOST]) if len(kept) >= _FEWEST else ()


def _is_bound(offer: Offer, language: Language, tables: Sequence[TableInfo], said: Sequence[str]) -> bool:
    found = column_named(offer.column, tables)
    if found is None or not is_sayable(offer.question, language, tables):
        return False
    value = offer.value.strip()
    return not value or has_value(value, *found, said=said)


def _offer(raw: object) -> dict[str, Any] | None:
    """*raw* with what is missing empty; None when it is no reading, or too long to be one."""
    if isinstance(raw, Offer):
        return raw.model_dump()
    if not isinstance(raw, dict):
        return None
    given = cast(dict[object, object], raw)
    offer = {name: given.get(name) or "" for name in _LONGEST}
    fits = all(isinstance(text, str) and len(text) <= _LONGEST[name] for name, text in offer.items())
    return offer if fits else None


async def _prompt(state: State, context: Context, doubt: str) -> Prompt:
    history = recalled(state, context)
    return _PROMPT.fill(
        system={"schema": await context.schema()},
        history=fenced("conversation", history, limit=PROMPT_CHARS) if history else "",
        doubt=fenced("doubt", doubt, limit=300),
        message=fenced("message", context.turn.text, limit=MAX_QUESTION_CHARS),
        language=context.language_name,
    )
