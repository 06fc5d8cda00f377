"""The catalog's account of a table that a statement names: one table, one day's shard, or all that a wildcard takes."""

import re
from collections.abc import Iterable, Sequence
from typing import Final

from agent.bigquery.warehouse import ColumnInfo, TableInfo

_DAY: Final = re.compile(r"\d{8}")


def find_tables(name: str, tables: Iterable[TableInfo]) -> tuple[TableInfo, ...]:
    """*name* is `project.dataset.table`, perhaps with a `*` at its end. Empty: nobody has described it."""
    return tuple(table for table in tables if _is_meant(name, table.name))


def columns_of(tables: Sequence[TableInfo]) -> tuple[ColumnInfo, ...]:
    """Every column of *tables*, each once: with the tags that any of them gives it."""
    merged: dict[str, ColumnInfo] = {}
    for column in (column for table in tables for column in table.columns):
        known = merged.setdefault(column.name.lower(), column)
        if known is not column:
            tags = tuple(sorted({*known.policy_tags, *column.policy_tags}))
            merged[column.name.lower()] = ColumnInfo(known.name, known.type, known.description, tags)
    return tuple(merged.values())


def _is_meant(name: str, described: str) -> bool:
    if name == described:
        return True
    prefix, is_family = described.removesuffix("*"), described.endswith("*")
    if name.endswith("*"):
        asked = name[:-1]
        return prefix.startswith(asked) or (is_family and asked.startswith(prefix))
    return is_family and name.startswith(prefix) and _DAY.fullmatch(name.removeprefix(prefix)) is not None
