"""What somebody may press to go on: the ways to read an ambiguous question, and what to ask next. Pure."""

from typing import Final

from agent.turn import Answer
from bot.i18n.catalogue import say
from bot.slack.action_ids import ActionId, block_id, numbered
from bot.slack.markup import escape
from bot.slack.messages.message import Block, fitted

MOST_CHOICES: Final = 4
MOST_QUESTIONS: Final = 3
LONGEST_LABEL: Final = 75
LONGEST_VALUE: Final = 2000
"""Slack's limits of a button. A question that does not fit is not offered: cut, it would be another question."""
_LONGEST_LINE: Final = 150


def add_suggestions(answer: Answer, texts: list[str], blocks: list[Block]) -> None:
    """Without blocks people read the same words, and can say them."""
    choices = [c for c in answer.choices if _fits(c.text)][:MOST_CHOICES]
    if choices:
        texts.extend(_line(choice.label or choice.text) for choice in choices)
        offered = [(choice.label or choice.text, choice.text) for choice in choices]
        blocks.append(_buttons("choices", ActionId.CHOOSE, offered, answer))
    questions = [question for question in answer.next_questions if _fits(question)][:MOST_QUESTIONS]
    if questions:
        texts.append(say(answer.language, "answer.next"))
        texts.extend(_line(question) for question in questions)
        blocks.append(_buttons("next", ActionId.ASK, [(question, question) for question in questions], answer))


def _fits(text: str) -> bool:
    return bool(text.strip()) and "\0" not in text and len(text) <= LONGEST_VALUE


def _line(text: str) -> str:
    return f"• {escape(fitted(text, _LONGEST_LINE))}"


def _buttons(name: str, action: ActionId, offered: list[tuple[str, str]], answer: Answer) -> Block:
    elements = [
        {
            "type": "button",
            "action_id": numbered(action, number),
            "text": {"type": "plain_text", "text": fitted(label.replace("\n", " "), LONGEST_LABEL)},
            "value": text,
        }
        for number, (label, text) in enumerate(offered)
    ]
    return {"type": "actions", "block_id": block_id(name, answer.language), "elements": elements}
