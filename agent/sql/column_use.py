"""Which columns a statement reads, and what it does with them: the values."""

from dataclasses import dataclass
from typing import NamedTuple


class Source(NamedTuple):
    """A column of a table, or a field inside of one."""

    table: str
    """`project.dataset.table`, a wildcard as the statement has it."""
    path: tuple[str, ...]
    """The column, then the fields, lower case."""


@dataclass(frozen=True, slots=True)
class OutputColumn:
    """A column of the result."""

    name: str
    """Lower case; starts with `$` where the statement gives none."""
    plain: frozenset[Source]
    """What it holds as it is; several under a UNION ALL. Empty where it is computed."""
    made_of: frozenset[Source]
    """What its values depend on, `plain` included; filters and joins do not count."""


@dataclass(frozen=True, slots=True)
class ColumnUse:
    used: frozenset[Source]
    """What anything is done with but to show it as it is: computed, filtered, joined, grouped, ordered, compared."""
    outputs: tuple[OutputColumn, ...]
    is_value_table: bool = False
    """The rows are values of one type (`SELECT AS STRUCT`): `outputs` are not the result's columns."""

    @property
    def touched(self) -> frozenset[Source]:
        return self.used.union(*(output.plain for output in self.outputs))
