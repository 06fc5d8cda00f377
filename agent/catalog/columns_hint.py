"""Where the column is that an engine did not find, and which columns the tables of a failed statement have."""

import re
from collections.abc import Sequence
from typing import Final

from agent.bigquery.warehouse import TableInfo
from agent.catalog.near_names import near_names
from agent.catalog.render import spoken_name

_MAX_TABLES: Final = 4
_MISSING: Final = re.compile(r"(?:Unrecognized name: |Name |Field name )`?([\w.]+)")


def columns_hint(sql: str, problem: str, tables: Sequence[TableInfo], default_project: str) -> str:
    """What mends *problem* by the looks of *tables*: `cost is a column of shop.products` or the columns there are."""
    missing = _MISSING.search(problem)
    if missing is None:
        return ""
    name = missing[1].rpartition(".")[2]
    homes = [spoken_name(table.name, default_project) for table in tables if name in _open_columns(table)]
    if homes:
        return f"{name} is a column of {' and of '.join(homes[:_MAX_TABLES])} only: JOIN it."
    named = [table for table in tables if _bare(table, default_project) in sql]
    near = near_names(name, [column for table in named for column in _open_columns(table)])
    advice = f"did you mean {' or '.join(near)}?" if near else "write the expression for it."
    return f"No table has a column {name}: {advice}\n{_columns_of(named, default_project)}".strip()


def _columns_of(named: Sequence[TableInfo], default_project: str) -> str:
    return "\n".join(
        f"Columns of {spoken_name(table.name, default_project)}: {', '.join(_open_columns(table))}"
        for table in named[:_MAX_TABLES]
    )


def _open_columns(table: TableInfo) -> list[str]:
    return [column.name for column in table.columns if not column.policy_tags]


def _bare(table: TableInfo, default_project: str) -> str:
    return spoken_name(table.name, default_project).strip("`").removesuffix("*")
