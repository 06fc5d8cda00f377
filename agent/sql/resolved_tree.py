"""Reading the engine's resolved trees, which are nested protobuf messages: unions around nodes, bases inside them."""

from collections.abc import Iterable
from typing import Any, TypeAlias

from google.protobuf.message import Message
from zetasql.wasi._pb2.zetasql.resolved_ast import resolved_ast_pb2 as ast

Access: TypeAlias = tuple[int, tuple[str, ...]]
"""A column's id, and the fields taken out of it, lower case."""


def access(expression: Any) -> Access | None:
    """`column.field.field`; None for any other expression."""
    path: tuple[str, ...] = ()
    node = leaf(expression)
    while isinstance(node, ast.ResolvedGetStructFieldProto):
        inner = leaf(node.expr)
        struct = _type_of(inner).struct_type
        if node.field_idx >= len(struct.field):
            return None
        path = (struct.field[node.field_idx].field_name.lower(), *path)
        node = inner
    return (node.column.column_id, path) if isinstance(node, ast.ResolvedColumnRefProto) else None


def _type_of(expression: Any) -> Any:
    while "type" not in expression.DESCRIPTOR.fields_by_name:
        expression = expression.parent
    return expression.type


def leaf(node: Any) -> Any:
    """The node inside the engine's unions."""
    while "node" in node.DESCRIPTOR.oneofs_by_name and (name := node.WhichOneof("node")):
        node = getattr(node, name)
    return node


def columns(scan: Any) -> list[int]:
    """What a scan passes on, in order."""
    node = leaf(scan)
    while not isinstance(node, ast.ResolvedScanProto):
        node = node.parent
    return ids(node.column_list)


def ids(columns: Iterable[Any]) -> list[int]:
    return [column.column_id for column in columns]


def mentioned(root: Message) -> set[int]:
    return {node.column_id for node in below(root) if node.DESCRIPTOR.name == "ResolvedColumnProto"}


def below(root: Message) -> Iterable[Any]:
    stack = [root]
    while stack:
        node = stack.pop()
        yield node
        stack.extend(children(node))


def children(node: Message) -> Iterable[Message]:
    for descriptor, value in node.ListFields():
        if descriptor.message_type is None:
            continue
        if descriptor.is_repeated:
            yield from value
        else:
            yield value
