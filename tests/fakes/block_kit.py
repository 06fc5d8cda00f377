"""Slack's limits by an independent validator: our payloads rebuilt with slackblocks, which refuses what Slack would."""

from collections.abc import Sequence
from typing import Any

import slackblocks as sb

from bot.slack.messages.message import Message

LONGEST_TEXT = 4000


def check_message(message: Message) -> None:
    """Raises slackblocks.InvalidUsageError, or AssertionError."""
    assert message.text
    assert len(message.text) < LONGEST_TEXT
    blocks = [_block(block) for block in message.blocks]
    _are_unique([block.get("block_id") for block in message.blocks])
    for block in message.blocks:  # which slackblocks lets pass and Slack does not
        if block["type"] == "actions":
            _are_unique([element["action_id"] for element in block["elements"]])
    built = sb.Message(channel="C1", text=message.text, blocks=blocks)
    assert len(built._resolve()["blocks"]) == len(message.blocks)


def check_modal(view: dict[str, Any]) -> None:
    sb.ModalView(
        title=view["title"]["text"],
        blocks=[_block(block) for block in view["blocks"]],
        close=view["close"]["text"],
        callback_id=view["callback_id"],
    )


def _block(block: dict[str, Any]) -> sb.Block:
    match block:
        case {"type": "section", "text": text}:
            return sb.SectionBlock(text=_text(text))
        case {"type": "section", "fields": fields}:
            return sb.SectionBlock(fields=[_text(field) for field in fields])
        case {"type": "context", "elements": elements}:
            return sb.ContextBlock(elements=[_text(element) for element in elements])
        case {"type": "actions", "elements": elements}:
            return sb.ActionsBlock(elements=[_button(e) for e in elements], block_id=block["block_id"])
        case {"type": "data_table"}:
            return sb.DataTableBlock(
                rows=[[_cell(cell) for cell in row] for row in block["rows"]],
                caption=block["caption"],
                page_size=block["page_size"],
            )
        case _:
            raise AssertionError(f"nobody taught the validator {block['type']}")


def _text(text: dict[str, Any]) -> sb.Text:
    assert text["type"] == "mrkdwn"
    return sb.Text(text["text"], type_=sb.TextType.MARKDOWN, verbatim=text.get("verbatim", False))


def _button(element: dict[str, Any]) -> sb.Button:
    assert element["type"] == "button"
    return sb.Button(
        text=element["text"]["text"],
        action_id=element["action_id"],
        value=element["value"],
        style=element.get("style"),
    )


def _cell(cell: dict[str, Any]) -> sb.RawText | sb.RawNumber:
    if cell["type"] == "raw_number":
        return sb.RawNumber(value=cell["value"], text=cell["text"])
    assert cell["type"] == "raw_text"
    return sb.RawText(text=cell["text"])


def _are_unique(ids: Sequence[str | None]) -> None:
    named = [block_id for block_id in ids if block_id is not None]
    assert len(named) == len(set(named))


def every_mrkdwn(message: Message) -> list[str]:
    """Each text that Slack reads as mrkdwn, the fallback included."""
    found = [message.text]

    def walk(node: object) -> None:
        if isinstance(node, dict):
            if node.get("type") == "mrkdwn":
                found.append(str(node["text"]))
            for value in node.values():
                walk(value)
        elif isinstance(node, list | tuple):
            for value in node:
                walk(value)

    walk(message.blocks)
    return found
