"""The tables of one statement, as Google's analyzer is told of them: each under the path that the text names it by.

BigQuery takes `` `project.dataset.table` `` for three names, the engine for one: such a path is respelled, which also
leaves the table the alias that BigQuery gives it.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from google.protobuf.message import Message
from zetasql.wasi._pb2.zetasql.parser import parse_tree_pb2
from zetasql.wasi._pb2.zetasql.proto import options_pb2, simple_catalog_pb2
from zetasql.wasi._pb2.zetasql.public import simple_table_pb2, type_pb2

from agent.bigquery.warehouse import ColumnInfo
from agent.sql.column_types import parse_type
from agent.sql.missing_functions import add_missing_functions
from agent.sql.names import UnreadableName, read_table_name, split_path
from agent.sql.resolved_tree import below

_PSEUDO_COLUMNS: Final = {
    "_PARTITIONTIME": type_pb2.TYPE_TIMESTAMP,
    "_PARTITIONDATE": type_pb2.TYPE_DATE,
    "_TABLE_SUFFIX": type_pb2.TYPE_STRING,
    "_FILE_NAME": type_pb2.TYPE_STRING,
}
_ALIASES: Final = {
    "INT": type_pb2.TYPE_INT64,
    "INTEGER": type_pb2.TYPE_INT64,
    "BIGINT": type_pb2.TYPE_INT64,
    "SMALLINT": type_pb2.TYPE_INT64,
    "TINYINT": type_pb2.TYPE_INT64,
    "BYTEINT": type_pb2.TYPE_INT64,
    "DECIMAL": type_pb2.TYPE_NUMERIC,
    "BIGDECIMAL": type_pb2.TYPE_BIGNUMERIC,
}
"""Types that BigQuery takes and the engine does not know by itself."""


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


def catalog_of(
    tree: Message,
    tables: Mapping[str, Sequence[ColumnInfo]],
    default_project: str,
    language: options_pb2.LanguageOptionsProto,
) -> simple_catalog_pb2.SimpleCatalogProto:
    """*tables* by `project.dataset.table`. Raises UnknownType."""
    root = simple_catalog_pb2.SimpleCatalogProto(name="root")
    root.builtin_function_options.language_options.CopyFrom(language)
    for alias, kind in _ALIASES.items():
        named = root.named_type.add()
        named.name, named.type.type_kind = alias, kind
    add_missing_functions(root)
    folders: dict[tuple[str, ...], simple_catalog_pb2.SimpleCatalogProto] = {(): root}
    placed: set[tuple[str, ...]] = set()
    for path in sorted(_table_paths(tree)):
        try:
            name = str(read_table_name(path, default_project))
        except UnreadableName:
            continue
        parts = tuple(split_path(path))
        key = tuple(part.lower() for part in parts)  # to the engine names have no case
        if name in tables and key not in placed:
            placed.add(key)
            _add_table(_folder(folders, parts[:-1]), parts[-1], name, tables[name])
    return root


def _table_paths(tree: Message) -> set[tuple[str, ...]]:
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


def _folder(
    folders: dict[tuple[str, ...], simple_catalog_pb2.SimpleCatalogProto], parts: tuple[str, ...]
) -> simple_catalog_pb2.SimpleCatalogProto:
    for end in range(1, len(parts) + 1):
        key = tuple(part.lower() for part in parts[:end])
        if key not in folders:
            folders[key] = folders[key[:-1]].catalog.add(name=parts[end - 1])
    return folders[tuple(part.lower() for part in parts)]


def _add_table(
    folder: simple_catalog_pb2.SimpleCatalogProto, name: str, full_name: str, columns: Sequence[ColumnInfo]
) -> None:
    table = folder.table.add(name=name, name_in_catalog=name, full_name=full_name)
    taken: set[str] = set()
    for column in columns:
        if column.name.upper() not in _PSEUDO_COLUMNS and column.name.lower() not in taken:
            taken.add(column.name.lower())
            _add_column(table, column.name).CopyFrom(parse_type(column.type))
    for pseudo, kind in _PSEUDO_COLUMNS.items():
        _add_column(table, pseudo, is_pseudo=True).type_kind = kind


def _add_column(table: simple_table_pb2.SimpleTableProto, name: str, *, is_pseudo: bool = False) -> type_pb2.TypeProto:
    return table.column.add(name=name, is_pseudo_column=is_pseudo).type


def _path(path: parse_tree_pb2.ASTPathExpressionProto) -> tuple[str, ...]:
    return tuple(name.id_string for name in path.names)


def _place(node: Any) -> Any:
    """In bytes of the text; it stands in the innermost of the node's bases."""
    while "parse_location_range" not in node.DESCRIPTOR.fields_by_name:
        node = node.parent
    return node.parse_location_range
