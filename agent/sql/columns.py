"""Which columns a statement reads, by Google's analyzer and the tables that the catalog describes."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import structlog
from google.protobuf.message import DecodeError

from agent.bigquery.warehouse import ColumnInfo
from agent.sql.column_use import ColumnUse
from agent.sql.googlesql.errors import EngineError, EngineTrap, EngineUnavailable
from agent.sql.googlesql.thread import EngineThread
from agent.sql.names import UnreadableName, read_table_name

if TYPE_CHECKING:
    from agent.sql.googlesql.engine import Engine

log = structlog.get_logger(__name__)


class ColumnReader:
    """Reads on the engine's own thread, one statement at a time."""

    def __init__(self, engine: EngineThread, default_project: str) -> None:
        self._engine = engine
        self._default_project = default_project

    async def read(
        self, sql: str, tables: Mapping[str, Sequence[ColumnInfo]], *, project: str | None = None
    ) -> ColumnUse | None:
        """What *sql* does with the columns of *tables* (by `project.dataset.table`); *project* is its default one.

        None when that is not known: the engine lacks a function that BigQuery has, a table is not described, the
        statement is a script, there is no engine. Nobody may conclude from None that a column is not read.
        """
        try:
            return await self._engine.run(lambda engine: _read(engine, sql, tables, project or self._default_project))
        except (EngineError, EngineTrap, EngineUnavailable, DecodeError) as error:
            log.info("columns.unknown", error=type(error).__name__)
            return None

    async def tables(self, sql: str, *, project: str) -> frozenset[str] | None:
        """`project.dataset.table` of what *sql*, a view's text, reads. None when that is not known."""
        try:
            paths = await self._engine.run(lambda engine: engine.table_names(sql))
            return frozenset(str(read_table_name(path, project)) for path in paths)
        except (EngineError, EngineTrap, EngineUnavailable, UnreadableName, DecodeError) as error:
            log.info("columns.unknown", error=type(error).__name__)
            return None


def _read(
    engine: "Engine", sql: str, tables: Mapping[str, Sequence[ColumnInfo]], default_project: str
) -> ColumnUse | None:
    from agent.sql.column_flow import UnreadableTree  # noqa: PLC0415 - the engine's packages may be missing
    from agent.sql.googlesql.types import UnknownType  # noqa: PLC0415
    from agent.sql.offline_catalog import catalog_of  # noqa: PLC0415
    from agent.sql.resolved_columns import read_columns  # noqa: PLC0415
    from agent.sql.table_paths import respell  # noqa: PLC0415

    try:
        spelled = respell(sql, engine.parse(sql).parsed_statement)
        tree = engine.parse(spelled).parsed_statement
        catalog = catalog_of(tree, tables, default_project, engine.language_options)
        return read_columns(engine.analyze(spelled, catalog))
    except (UnknownType, UnreadableTree) as error:
        log.info("columns.unknown", error=type(error).__name__, detail=str(error))
        return None
