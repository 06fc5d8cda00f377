"""Describes the tables of a statement for the judgement of its columns, looking through their views."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final, Protocol

from agent.bigquery.warehouse import ColumnInfo, TableInfo
from agent.catalog.find import columns_of, find_tables
from agent.policy.described import Described, DescribedTable
from agent.sql.column_use import ColumnUse, Source
from agent.sql.names import TableName, UnreadableName, read_table_name

_DEEPEST_VIEW: Final = 8


class Columns(Protocol):
    """`agent.sql.columns.ColumnReader`."""

    async def read(
        self, sql: str, tables: Mapping[str, Sequence[ColumnInfo]], *, project: str | None = None
    ) -> ColumnUse | None: ...

    async def tables(self, sql: str, *, project: str) -> frozenset[str] | None: ...


class Describing:
    """Of one catalog, as it stands now."""

    def __init__(self, catalog: Sequence[TableInfo], columns: Columns) -> None:
        self._catalog = catalog
        self._columns = columns

    async def describe(self, names: Iterable[TableName]) -> tuple[Described, dict[str, tuple[ColumnInfo, ...]]]:
        """The tables and everything behind them; and the columns of those that are known, for the analyzer."""
        found: dict[str, DescribedTable] = {}
        wanted = [str(name) for name in names if not name.is_metadata]
        for name in wanted:
            await self._add(name, found, _DEEPEST_VIEW)
        return Described(found), {name: found[name].columns for name in wanted if name in found}

    async def behind_view(self, view: TableName) -> frozenset[str]:
        """`project.dataset.table` of all that a view reads, at any depth. Empty for what is no view."""
        found: set[str] = set()
        waiting = [str(view)]
        while waiting:
            for table in find_tables(waiting.pop(), self._catalog):
                if table.view_query:
                    read = await self._columns.tables(table.view_query, project=_project(table)) or frozenset[str]()
                    waiting += read - found
                    found |= read
        return frozenset(found)

    async def _add(self, name: str, found: dict[str, DescribedTable], depth: int) -> None:
        tables = find_tables(name, self._catalog)
        table_name = _read_name(name)
        if name in found or not tables or table_name is None:
            return
        behind: Mapping[str, frozenset[Source]] | None = {}
        for view in tables:
            if view.view_query:
                behind = await self._behind(view, found, depth)
        found[name] = DescribedTable(table_name, columns_of(tables), behind)

    async def _behind(
        self, view: TableInfo, found: dict[str, DescribedTable], depth: int
    ) -> Mapping[str, frozenset[Source]] | None:
        """What each column of *view* is made of; None where that is not known."""
        project = _project(view)
        names = await self._columns.tables(view.view_query, project=project) if depth else None
        if names is None:
            return None
        for name in sorted(names):
            await self._add(name, found, depth - 1)
        if not found.keys() >= names:
            return None
        columns = {name: found[name].columns for name in names}
        use = await self._columns.read(view.view_query, columns, project=project)
        if use is not None and [output.name for output in use.outputs] == [one.name.lower() for one in view.columns]:
            return {output.name: output.made_of for output in use.outputs}
        # Somewhere behind it, any of them may be.
        everything = frozenset(Source(name, (one.name.lower(),)) for name, own in columns.items() for one in own)
        return {column.name.lower(): everything for column in view.columns}


def _project(table: TableInfo) -> str:
    name = _read_name(table.name)
    return name.project if name else ""


def _read_name(name: str) -> TableName | None:
    try:
        return read_table_name((name,), "")
    except UnreadableName:
        return None
