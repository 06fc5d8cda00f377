"""The clarifying question that the last answer asked: open until the next message, and never asked twice in a row."""

from collections.abc import Sequence

from agent.llm.prompts import fenced
from agent.state import OpenQuestion, PlainChoice, State
from agent.turn import Choice

_HOW_TO_CHOOSE = (
    'choice: the number of the one that the message picks ("2", "the second one", its words in any language);'
    " 0 if it picks none or asks something else."
)


def open_question(state: State) -> OpenQuestion | None:
    return state.get("open_question")


def choice_named(question: OpenQuestion | None, number: int) -> PlainChoice | None:
    """The choice of that *number*, from 1; None for any other."""
    choices = question["choices"] if question else []
    return choices[number - 1] if 0 < number <= len(choices) else None


def choice_pressed(question: OpenQuestion | None, text: str) -> PlainChoice | None:
    """The choice that says *text* word for word: what its button sends. Nothing is guessed from other words."""
    choices = question["choices"] if question else []
    return next((choice for choice in choices if choice["text"].split() == text.split()), None)


def shown_to_router(question: OpenQuestion | None) -> str:
    """The open question with its choices, for the prompt; empty where there is nothing to choose."""
    if question is None or not question["choices"]:
        return ""
    lines = [question["text"], *numbered(question["choices"])]
    return f"{fenced('open_question', chr(10).join(lines), limit=1500)}\n{_HOW_TO_CHOOSE}"


def numbered(choices: Sequence[PlainChoice]) -> list[str]:
    """`1. By revenue: Who are our best customers by revenue?`"""
    return [f"{number}. {choice['label']}: {choice['text']}" for number, choice in enumerate(choices, 1)]


def choice_to_plain(choice: Choice) -> PlainChoice:
    return PlainChoice(label=choice.label, text=choice.text)


def choice_from_plain(plain: PlainChoice) -> Choice:
    return Choice(plain["label"], plain["text"])
