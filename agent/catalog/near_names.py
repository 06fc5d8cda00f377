"""The names that somebody may have meant who wrote one that is not there."""

import difflib
from collections.abc import Iterable, Sequence
from typing import Final

from agent.bigquery.warehouse import TableInfo
from agent.catalog.render import spoken_name

_MOST: Final = 3
_LIKENESS: Final = 0.6
"""difflib's ratio: `stauts` and `status` have 0.83, `revenue` and `sale_price` 0.35."""


def near_names(written: str, names: Iterable[str]) -> list[str]:
    """The likest of *names*, whatever their case, best first."""
    by_lower = {name.lower(): name for name in names}
    return [by_lower[near] for near in difflib.get_close_matches(written.lower(), by_lower, _MOST, _LIKENESS)]


def tables_hint(written: str, tables: Sequence[TableInfo], default_project: str) -> str:
    """Which tables there are in place of *written* (`dataset.table`, perhaps with its project)."""
    names = {table.name.rpartition(".")[2]: spoken_name(table.name, default_project) for table in tables}
    near = [names[name] for name in near_names(written.rpartition(".")[2], names)]
    there = near or [spoken_name(table.name, default_project) for table in tables]
    return f"There is no table {written}. There is: {', '.join(there[: _MOST * 4])}."
