"""How a policy names tables and columns: literal, or with one `*` at the end. Names compare as BigQuery's do."""

from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Self, TypeAlias

from agent.sql.names import TableName, split_path

ColumnPath: TypeAlias = tuple[str, ...]
"""A column, or a field inside of it: `("device", "advertising_id")`. Lower case, for columns have no case."""


class UnreadablePattern(ValueError):
    """The entry names no table or column that a policy can speak of."""


@dataclass(frozen=True, slots=True, order=True)
class TablePattern:
    """`project.dataset` (then `table` is `*`), one table of it, or those that begin alike (`events_*`)."""

    project: str
    dataset: str
    table: str = "*"

    @classmethod
    def parse(cls, text: str, default_project: str) -> Self:
        """`dataset`, `dataset.table`, `project.dataset.table`; `project.dataset.*` for all of a foreign dataset."""
        parts = split_path((text.strip(),))
        match parts:
            case [dataset]:
                found = cls(default_project, dataset)
            case [dataset, table]:
                found = cls(default_project, dataset, table)
            case [project, dataset, table]:
                found = cls(project, dataset, table)
            case _:
                raise UnreadablePattern(f"{text!r} is not DATASET, DATASET.TABLE or PROJECT.DATASET.TABLE")
        if not all(parts) or "*" in found.project or "*" in found.dataset or "*" in found.table[:-1]:
            raise UnreadablePattern(f"{text!r} may hold one *, at the end of the table's name")
        return found

    def __str__(self) -> str:
        return f"{self.project}.{self.dataset}.{self.table}"

    @property
    def is_whole_dataset(self) -> bool:
        return self.table == "*"

    def covers(self, name: TableName) -> bool:
        """Whether all that *name* stands for lies inside: `events_2025*` lies in `events_*`, `e*` does not."""
        if (name.project, name.dataset) != (self.project, self.dataset):
            return False
        if self.table.endswith("*"):
            return name.table.startswith(self.table[:-1])
        return name.table == self.table

    def touches(self, name: TableName) -> bool:
        """Whether anything that *name* stands for lies inside."""
        if self.covers(name):
            return True
        is_near = (name.project, name.dataset) == (self.project, self.dataset)
        return is_near and name.is_wildcard and self.table.startswith(name.table[:-1])


@dataclass(frozen=True, slots=True)
class ColumnPattern:
    """`email`, `*_email`: columns and fields of that name anywhere; `shop.users:email` those of one table only."""

    path: ColumnPath
    table: TablePattern | None = None

    @classmethod
    def parse(cls, text: str, default_project: str) -> Self:
        table, colon, column = text.strip().rpartition(":")
        path = tuple(column.lower().split("."))
        if not all(path):
            raise UnreadablePattern(f"{text!r} names no column")
        if not colon and len(path) > 1:
            raise UnreadablePattern(f"{text!r} is not COLUMN: write TABLE:COLUMN, or TABLE:COLUMN.FIELD")
        return cls(path, TablePattern.parse(table, default_project) if colon else None)

    def matches(self, table: TableName, path: ColumnPath) -> bool:
        if self.table is None:
            return fnmatchcase(path[-1], self.path[0])
        is_here = self.table.touches(table)
        return is_here and len(path) == len(self.path) and all(map(fnmatchcase, path, self.path))
