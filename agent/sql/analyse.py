"""What Google's analyzer says of a statement over described tables. Runs on the engine's thread."""

from collections.abc import Iterable, Sequence
from typing import Final, TypeAlias

from agent.bigquery.warehouse import ColumnInfo, TableInfo
from agent.catalog.find import columns_of, find_tables
from agent.sql.analysis import Analysed
from agent.sql.googlesql.engine import Engine
from agent.sql.googlesql.errors import EngineError
from agent.sql.googlesql.types import UnknownType
from agent.sql.names import TableName, UnreadableName, read_table_name
from agent.sql.offline_catalog import catalog_of
from agent.sql.table_paths import respell, table_paths

Path: TypeAlias = tuple[str, ...]
"""A table's name as written, by its parts."""

_READ: Final = "ast_query_statement_node"


def analyse(engine: Engine, sql: str, tables: Sequence[TableInfo], default_project: str) -> Analysed | None:
    """None where the engine agrees, or where it cannot judge: no read, or a table that *tables* does not describe.

    Raises EngineTrap, or protobuf's DecodeError for a tree too deep to be read.
    """
    try:
        statement = engine.parse(sql).parsed_statement
    except EngineError as error:
        return None if _is_script(engine, sql) else Analysed(error.message, is_syntax=True)
    if statement.WhichOneof("node") != _READ:
        return None
    known = _Known(tables, default_project)
    spelled = respell(sql, statement)
    for path in engine.table_names(spelled):
        if not known.describes(path):
            return _missing(path) if known.has_dataset_of(path) else None
    tree = engine.parse(spelled).parsed_statement
    try:
        catalog = catalog_of(tree, known.columns(table_paths(tree)), default_project, engine.language_options)
        engine.analyze(spelled, catalog)
    except UnknownType:
        return None
    except EngineError as error:
        return Analysed(error.message)
    return None


class _Known:
    """The tables by the names that SQL may call them."""

    def __init__(self, tables: Sequence[TableInfo], default_project: str) -> None:
        self._tables = tables
        self._default_project = default_project
        self._datasets = {table.name.rpartition(".")[0] for table in tables}

    def columns(self, paths: Iterable[Path]) -> dict[str, tuple[ColumnInfo, ...]]:
        """Of every table among *paths* that is described, by `project.dataset.table`."""
        names = {str(name) for path in paths if (name := self._read(path)) is not None}
        return {name: columns_of(found) for name in names if (found := find_tables(name, self._tables))}

    def describes(self, path: Path) -> bool:
        name = self._read(path)
        return name is not None and bool(find_tables(str(name), self._tables))

    def has_dataset_of(self, path: Path) -> bool:
        """Whether all tables of its dataset are known, so that this one would be among them."""
        name = self._read(path)
        return name is not None and not name.is_metadata and f"{name.project}.{name.dataset}" in self._datasets

    def _read(self, path: Path) -> TableName | None:
        try:
            return read_table_name(path, self._default_project)
        except UnreadableName:
            return None


def _missing(path: Path) -> Analysed:
    written = ".".join(path)
    return Analysed(f"Not found: Table {written}", missing_table=written)


def _is_script(engine: Engine, sql: str) -> bool:
    try:
        return bool(engine.parse(sql, script=True).parsed_script.statement_list_node.statement_list)
    except EngineError:
        return False
