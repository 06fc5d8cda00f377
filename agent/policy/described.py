"""A table as the judgement of columns needs it: what it is called, its columns, and what lies behind them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from agent.bigquery.warehouse import ColumnInfo
from agent.catalog.fields import field_paths
from agent.policy.grants import Treatment
from agent.policy.patterns import ColumnPath
from agent.policy.rights import Rights
from agent.sql.column_use import Source
from agent.sql.names import TableName

_PSEUDO_COLUMNS: Final = frozenset({"_table_suffix", "_partitiontime", "_partitiondate", "_file_name"})


@dataclass(frozen=True, slots=True)
class DescribedTable:
    name: TableName
    """As the statement names it, a wildcard too."""
    columns: tuple[ColumnInfo, ...]
    behind: Mapping[str, frozenset[Source]] | None = field(default_factory=dict[str, frozenset[Source]])
    """Of a view: what each of its columns (lower case) is made of. None: a view that nobody could read."""


class Described:
    """Every table that a statement reads, and every table behind its views."""

    def __init__(self, tables: Mapping[str, DescribedTable]) -> None:
        self._tables = tables

    def treatment(self, source: Source, rights: Rights) -> Treatment:
        """The strictest of the column's own, its fields', and what it is made of."""
        return max(self._treatments(source, rights, frozenset()), default=Treatment.REFUSE)

    def is_tagged(self, source: Source, rights: Rights, passed: frozenset[Source] = frozenset()) -> bool:
        """Whether it carries a tag, or is made of what does."""
        table = self._tables.get(source.table)
        if table is None or source in passed:
            return False
        if any(rights.is_tagged(table.name, path, column.policy_tags) for column, path in _touched(table, source.path)):
            return True
        behind = (table.behind or {}).get(source.path[0], ())
        return any(self.is_tagged(one, rights, passed | {source}) for one in behind)

    def guarded(self, table: str, rights: Rights) -> bool:
        """Whether any column of *table* is more than shown as it is, or carries a tag: then they are looked at."""
        described = self._tables.get(table)
        if described is None:
            return True
        sources = [Source(table, (column.name.lower(),)) for column in described.columns]
        return any(
            self.treatment(source, rights) is not Treatment.SHOW or self.is_tagged(source, rights) for source in sources
        )

    def _treatments(self, source: Source, rights: Rights, passed: frozenset[Source]) -> list[Treatment]:
        table = self._tables.get(source.table)
        if table is None or source in passed:
            return [Treatment.REFUSE]
        if source.path[0] in _PSEUDO_COLUMNS:
            return [Treatment.SHOW]
        found = [
            rights.treatment(table.name, path, column.policy_tags) for column, path in _touched(table, source.path)
        ]
        if rights.vouches_for(table.name):
            return found
        if table.behind is None:
            return [Treatment.REFUSE]
        for behind in table.behind.get(source.path[0], ()):
            found += self._treatments(behind, rights, passed | {source})
        return found


def _touched(table: DescribedTable, source: ColumnPath) -> list[tuple[ColumnInfo, ColumnPath]]:
    """The column and those of its fields that *source* holds, or lies in."""
    return [
        (column, path)
        for column in table.columns
        if column.name.lower() == source[0]
        for path in field_paths(column)
        if path[: len(source)] == source or source[: len(path)] == path
    ]
