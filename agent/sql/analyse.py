"""What Google's analyzer says of a statement over described tables. Runs on the engine's thread."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final, TypeAlias

from zetasql.wasi._pb2.zetasql.local_service import local_service_pb2 as service
from zetasql.wasi._pb2.zetasql.proto import simple_catalog_pb2

from agent.bigquery.warehouse import TableInfo
from agent.sql.analysis import Analysed
from agent.sql.googlesql.engine import Engine
from agent.sql.googlesql.errors import EngineError
from agent.sql.googlesql.types import ALIASES, UnknownType, parse_type

Path: TypeAlias = tuple[str, ...]
"""A table's name as written, by its parts."""

_PSEUDO_COLUMNS: Final = {"_TABLE_SUFFIX": "STRING", "_PARTITIONTIME": "TIMESTAMP", "_PARTITIONDATE": "DATE"}
"""Columns that BigQuery adds. Which table has which is not in its description: each is let pass in each."""
_DEADLINE_MS: Final = 5_000
_READ: Final = "ast_query_statement_node"


def analyse(engine: Engine, sql: str, tables: Sequence[TableInfo], default_project: str) -> Analysed | None:
    """None where the engine agrees, or where it cannot judge: no read, or a table that *tables* does not describe.

    Raises EngineTrap, or protobuf's DecodeError for a tree too deep to be read.
    """
    try:
        if engine.parse(sql).parsed_statement.WhichOneof("node") != _READ:
            return None
    except EngineError as error:
        return None if _is_script(engine, sql) else Analysed(error.message, is_syntax=True)
    sql = _with_parted_names(sql, engine.table_names(sql))
    named = _named_tables(engine.table_names(sql), _Known(tables, default_project))
    return named if isinstance(named, Analysed) or named is None else _analyse(engine, sql, named)


def _named_tables(paths: Iterable[Path], known: "_Known") -> Mapping[Path, TableInfo] | Analysed | None:
    """The tables of *paths*; what is wrong where one is certainly not there; None where one may be."""
    found: dict[Path, TableInfo] = {}
    for path in paths:
        name = ".".join(path)
        table = known.find(name)
        if table is None:
            return Analysed(f"Not found: Table {name}", missing_table=name) if known.has_dataset_of(name) else None
        found[path] = table
    return found


def _analyse(engine: Engine, sql: str, tables: Mapping[Path, TableInfo]) -> Analysed | None:
    request = service.AnalyzeRequest(sql_statement=sql)
    request.options.CopyFrom(engine.analyzer_options())
    request.descriptor_pool_list.definitions.add().builtin.SetInParent()
    try:
        _fill_catalog(request.simple_catalog, engine, tables)
    except UnknownType:
        return None
    try:
        engine.call("Analyze", request, service.AnalyzeResponse, deadline_ms=_DEADLINE_MS)
    except EngineError as error:
        return Analysed(error.message)
    return None


class _Known:
    """The tables by the names that SQL may call them."""

    def __init__(self, tables: Iterable[TableInfo], default_project: str) -> None:
        self._tables = {table.name: table for table in tables}
        self._default_project = default_project
        self._datasets = {name.rpartition(".")[0] for name in self._tables}

    def find(self, written: str) -> TableInfo | None:
        name = self._full(written)
        if (table := self._tables.get(name)) is not None:
            return table
        # A day's shard, or a narrower wildcard: described together as `events_*`.
        families = [t for known, t in self._tables.items() if known.endswith("*") and name.startswith(known[:-1])]
        return max(families, key=lambda table: len(table.name), default=None)

    def has_dataset_of(self, written: str) -> bool:
        """Whether all tables of its dataset are known, so that this one would be among them."""
        return self._full(written).rpartition(".")[0] in self._datasets

    def _full(self, written: str) -> str:
        return f"{self._default_project}.{written}" if written.count(".") == 1 else written


def _is_script(engine: Engine, sql: str) -> bool:
    try:
        return bool(engine.parse(sql, script=True).parsed_script.statement_list_node.statement_list)
    except EngineError:
        return False


def _with_parted_names(sql: str, paths: Iterable[Path]) -> str:
    """`` `p.d.t` `` as `` `p`.`d`.`t` ``: then its columns may be called `t.column`, as BigQuery lets them.

    A literal that holds such a name is changed too, which changes no type and no name.
    """
    for part in {part for path in paths for part in path if "." in part}:
        sql = sql.replace(f"`{part}`", ".".join(f"`{name}`" for name in part.split(".")))
    return sql


def _fill_catalog(
    root: simple_catalog_pb2.SimpleCatalogProto, engine: Engine, tables: Mapping[Path, TableInfo]
) -> None:
    """Raises UnknownType where a table has a column of a type that is not understood here."""
    root.name = "bigquery"
    root.builtin_function_options.language_options.CopyFrom(engine.language_options)
    for alias, kind in ALIASES.items():
        named = root.named_type.add()
        named.name = alias
        named.type.type_kind = kind
    catalogs: dict[Path, simple_catalog_pb2.SimpleCatalogProto] = {(): root}
    for path, table in tables.items():
        _add_table(_catalog_of(catalogs, path[:-1]), path, table)


def _catalog_of(
    catalogs: dict[Path, simple_catalog_pb2.SimpleCatalogProto], path: Path
) -> simple_catalog_pb2.SimpleCatalogProto:
    """The catalogue of what is written under *path*; made, with those above it, where it is not there yet."""
    if path not in catalogs:
        nested = _catalog_of(catalogs, path[:-1]).catalog.add()
        nested.name = path[-1]
        catalogs[path] = nested
    return catalogs[path]


def _add_table(catalog: simple_catalog_pb2.SimpleCatalogProto, path: Path, table: TableInfo) -> None:
    described = catalog.table.add()
    described.name = described.name_in_catalog = path[-1]
    described.full_name = ".".join(path)
    for column in table.columns:
        if column.name not in _PSEUDO_COLUMNS:
            added = described.column.add()
            added.name = column.name
            added.type.CopyFrom(parse_type(column.type))
    for name, type_name in _PSEUDO_COLUMNS.items():
        added = described.column.add()
        added.name = name
        added.is_pseudo_column = True
        added.type.CopyFrom(parse_type(type_name))
