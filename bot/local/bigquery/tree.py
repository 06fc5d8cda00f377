"""Walking the engine's trees, which are nested protobuf messages."""

from collections.abc import Iterator
from typing import Any

from google.protobuf.message import Message


def walk(root: Message) -> Iterator[Message]:
    """*root* and every message below it, in no particular order."""
    stack = [root]
    while stack:
        message = stack.pop()
        yield message
        for field, value in message.ListFields():
            if field.message_type is None:
                continue
            # A repeated field is a container of messages, a single one is a message.
            stack.extend([value] if isinstance(value, Message) else value)


def location(node: Any) -> Any:
    """A syntax node's place (`start` and `end`, in bytes): it stands in the innermost of its base classes."""
    while "parse_location_range" not in node.DESCRIPTOR.fields_by_name:
        node = node.parent
    return node.parse_location_range


def leaf(node: Any) -> Any:
    """The concrete node inside the engine's unions (`AnyASTStatementProto.node`, ...)."""
    while "node" in node.DESCRIPTOR.oneofs_by_name and (name := node.WhichOneof("node")):
        node = getattr(node, name)
    return node
