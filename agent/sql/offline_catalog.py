"""The tables of one statement, as Google's analyzer is told of them: each under the path that the text names it by."""

from collections.abc import Mapping, Sequence
from typing import Final

from google.protobuf.message import Message
from zetasql.wasi._pb2.zetasql.proto import options_pb2, simple_catalog_pb2
from zetasql.wasi._pb2.zetasql.public import simple_table_pb2, type_pb2

from agent.bigquery.warehouse import ColumnInfo
from agent.sql.googlesql.types import ALIASES, parse_type
from agent.sql.missing_functions import add_missing_functions
from agent.sql.names import UnreadableName, read_table_name, split_path
from agent.sql.table_paths import table_paths

_PSEUDO_COLUMNS: Final = {
    "_PARTITIONTIME": type_pb2.TYPE_TIMESTAMP,
    "_PARTITIONDATE": type_pb2.TYPE_DATE,
    "_TABLE_SUFFIX": type_pb2.TYPE_STRING,
    "_FILE_NAME": type_pb2.TYPE_STRING,
}


def catalog_of(
    tree: Message,
    tables: Mapping[str, Sequence[ColumnInfo]],
    default_project: str,
    language: options_pb2.LanguageOptionsProto,
) -> simple_catalog_pb2.SimpleCatalogProto:
    """*tables* by `project.dataset.table`. Raises UnknownType."""
    root = simple_catalog_pb2.SimpleCatalogProto(name="root")
    root.builtin_function_options.language_options.CopyFrom(language)
    for alias, kind in ALIASES.items():
        named = root.named_type.add()
        named.name, named.type.type_kind = alias, kind
    add_missing_functions(root)
    folders: dict[tuple[str, ...], simple_catalog_pb2.SimpleCatalogProto] = {(): root}
    placed: set[tuple[str, ...]] = set()
    for path in sorted(table_paths(tree)):
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
