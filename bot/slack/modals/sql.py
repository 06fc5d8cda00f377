"""The modal that shows an answer's SQL: opened empty at once, filled a moment later. Pure."""

from typing import Any, Final

from agent.turn import Answer, Language
from bot.i18n.catalogue import say
from bot.slack.messages.message import Block, context, section, sql_sections

_MOST_SECTIONS: Final = 98
"""A modal holds 100 blocks; the sentence about the cut, and one to spare."""


def loading_view(language: Language) -> dict[str, Any]:
    return sentence_view(language, "modal.loading")


def sentence_view(language: Language, code: str) -> dict[str, Any]:
    """The modal with one sentence of the catalogue in it."""
    return _view(language, [section(say(language, code))])


def sql_view(answer: Answer) -> dict[str, Any]:
    if not (answer.sql and answer.sql.strip()):
        return sentence_view(answer.language, "modal.sql_missing")
    blocks, is_cut = sql_sections(answer.sql, most=_MOST_SECTIONS)
    if is_cut:
        blocks.append(context(say(answer.language, "modal.sql_cut")))
    return _view(answer.language, blocks)


def _view(language: Language, blocks: list[Block]) -> dict[str, Any]:
    return {
        "type": "modal",
        "callback_id": "sql",
        "title": {"type": "plain_text", "text": say(language, "modal.sql_title")},
        "close": {"type": "plain_text", "text": say(language, "modal.close")},
        "blocks": blocks,
    }
