"""The modal of a receipt: opened empty at once, filled a moment later. Pure."""

from typing import Any, Final

from agent.notice import Notice
from agent.turn import Language
from bot.i18n.catalogue import say, say_notice
from bot.receipts.receipt import Receipt
from bot.slack.messages.message import Block, section
from bot.slack.messages.receipt import render_receipt

_MOST_SQL: Final = 30


def loading_receipt(language: Language) -> dict[str, Any]:
    return receipt_sentence(language, Notice("modal.loading"))


def receipt_sentence(language: Language, notice: Notice) -> dict[str, Any]:
    return _view(language, [section(say_notice(language, notice))])


def receipt_view(receipt: Receipt) -> dict[str, Any]:
    return _view(receipt.language, list(render_receipt(receipt, most_sql=_MOST_SQL).blocks))


def _view(language: Language, blocks: list[Block]) -> dict[str, Any]:
    return {
        "type": "modal",
        "callback_id": "receipt",
        "title": {"type": "plain_text", "text": say(language, "receipt.title")},
        "close": {"type": "plain_text", "text": say(language, "modal.close")},
        "blocks": blocks,
    }
