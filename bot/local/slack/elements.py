"""Finding the things a person can press or fill in, wherever blocks hide them."""

from collections.abc import Iterator
from typing import Final

from bot.local.slack.shapes import Json, SlackError, as_object, objects

_HOLDERS: Final = ("elements", "actions", "child_blocks", "blocks", "tasks", "cards")
"""Fields that hold lists of blocks or elements: actions, context_actions, card, container, plan, carousel."""


def interactive_elements(blocks: object) -> Iterator[tuple[str, Json]]:
    """Every element with an action_id under *blocks*, with the block_id of the block it sits in."""
    for block in objects(blocks):
        yield from _inside(block, str(block.get("block_id", "")))


def find_element(blocks: object, action_id: str, value: str | None = None) -> tuple[str, Json]:
    """The block_id and element of *action_id* (and *value*, where several share the id). Raises LookupError."""
    for block_id, element in interactive_elements(blocks):
        if element["action_id"] == action_id and value in (None, element.get("value")):
            return block_id, element
    raise LookupError(f"nothing with action_id {action_id!r} in these blocks")


def name_blocks(blocks: list[Json]) -> list[Json]:
    """*blocks* with a block_id each, given where the sender gave none. Raises invalid_blocks for a duplicate."""
    named = [
        block if block.get("block_id") else block | {"block_id": f"b{number}"} for number, block in enumerate(blocks)
    ]
    ids = [block["block_id"] for block in named]
    if len(set(ids)) != len(ids):
        raise SlackError("invalid_blocks", messages=["[ERROR] `block_id` must be unique"])
    return named


def _inside(node: Json, block_id: str) -> Iterator[tuple[str, Json]]:
    for name in ("accessory", "element", "hero_button"):
        element = as_object(node.get(name))
        if "action_id" in element:
            yield block_id, element
    for name in _HOLDERS:
        for child in objects(node.get(name)):
            if "action_id" in child:
                yield block_id, child
            yield from _inside(child, str(child.get("block_id") or block_id))
