"""The structural limits of Block Kit that most often break a real post: an offence is `invalid_blocks`, as in Slack."""

from collections.abc import Iterator
from typing import Any, Final

from bot.local.slack.block_rules import block_offences, text_of, too_long
from bot.local.slack.shapes import Json, SlackError, as_list, as_object, objects

MESSAGE_BLOCKS: Final = 50
VIEW_BLOCKS: Final = 100
CHARTS_PER_MESSAGE: Final = 2
MARKDOWN_CHARACTERS: Final = 12_000
"""Of all markdown blocks of one payload together."""
_MODAL_TITLE: Final = 24


def check_message_blocks(blocks: list[Any]) -> None:
    """Raises invalid_blocks, naming every offence."""
    offences = list(_list_offences(blocks, MESSAGE_BLOCKS))
    if sum(1 for block in objects(blocks) if block.get("type") == "data_visualization") > CHARTS_PER_MESSAGE:
        offences.append(f"no more than {CHARTS_PER_MESSAGE} data_visualization blocks allowed")
    _raise_for(offences)


def check_view(view: Json) -> None:
    """Raises invalid_arguments, naming every offence: that is the word views.* use."""
    offences = list(_list_offences(as_list(view.get("blocks")), VIEW_BLOCKS))
    if view.get("type") not in ("modal", "home"):
        offences.append("must be a valid view type [/view/type]")
    if view.get("type") == "modal":
        if not text_of(view.get("title")):
            offences.append("missing required field: title")
        if any(block.get("type") == "input" for block in objects(view.get("blocks"))) and not view.get("submit"):
            offences.append("a submit is required when the blocks hold an input")
        for name in ("title", "submit", "close"):
            offences += too_long(text_of(view.get(name)), _MODAL_TITLE, name)
    offences += too_long(str(view.get("private_metadata", "")), 3000, "private_metadata")
    _raise_for(offences, "invalid_arguments")


def _list_offences(blocks: list[Any], most: int) -> Iterator[str]:
    if len(blocks) > most:
        yield f"no more than {most} items allowed [json-pointer:/blocks]"
    markdown = 0
    for number, block in enumerate(blocks):
        if not isinstance(block, dict):
            yield f"must be an object [json-pointer:/blocks/{number}]"
            continue
        node = as_object(block)  # pyright: ignore[reportUnknownArgumentType]
        markdown += len(str(node.get("text"))) if node.get("type") == "markdown" else 0
        for offence in block_offences(node):
            yield f"{offence} [json-pointer:/blocks/{number}]"
    if markdown > MARKDOWN_CHARACTERS:
        yield f"no more than {MARKDOWN_CHARACTERS} characters of markdown allowed"


def _raise_for(offences: list[str], code: str = "invalid_blocks") -> None:
    if offences:
        raise SlackError(code, messages=[f"[ERROR] {offence}" for offence in offences])
