"""The paths by which a statement names its tables.

BigQuery takes `` `project.dataset.table` `` for three names, the engine for one: such a path is respelled, which also
leaves the table the alias that BigQuery gives it.
"""

from typing import Any

from google.protobuf.message import Message
from zetasql.wasi._pb2.zetasql.parser import parse_tree_pb2

from agent.sql.names import split_path
from agent.sql.resolved_tree import below


def respell(sql: str, tree: Message) -> str:
    """*sql* with every quoted path that holds several names spelled name by name."""
    edits: list[tuple[int, int, str]] = []
    for node in below(tree):
        if isinstance(node, parse_tree_pb2.ASTPathExpressionProto) and any("." in part for part in _path(node)):
            if any("`" in part for part in _path(node)):
                continue  # no table is called that
            place = _place(node)
            edits.append((place.start, place.end, ".".join(f"`{part}`" for part in split_path(_path(node)))))
    text = sql.encode()
    for start, end, spelled in sorted(set(edits), reverse=True):
        text = text[:start] + spelled.encode() + text[end:]
    return text.decode()


def table_paths(tree: Message) -> set[tuple[str, ...]]:
    """Every path in *tree* that may be a table's, as written. Names of a WITH and of an array's path are among them."""
    found: set[tuple[str, ...]] = set()
    for node in below(tree):
        match node:
            case parse_tree_pb2.ASTTablePathExpressionProto() if node.HasField("path_expr"):
                found.add(_path(node.path_expr))
            case parse_tree_pb2.ASTTableClauseProto() if node.HasField("table_path"):
                found.add(_path(node.table_path))
            case _:
                pass
    return found


def _path(path: parse_tree_pb2.ASTPathExpressionProto) -> tuple[str, ...]:
    return tuple(name.id_string for name in path.names)


def _place(node: Any) -> Any:
    """In bytes of the text; it stands in the innermost of the node's bases."""
    while "parse_location_range" not in node.DESCRIPTOR.fields_by_name:
        node = node.parent
    return node.parse_location_range
