"""Tables and columns that a text names, compared with those that are there. Pure."""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from agent.bigquery.warehouse import ColumnInfo, TableInfo

_NAME: Final = r"[A-Za-z_][A-Za-z0-9_*]+"
_IDENTIFIER: Final = re.compile(
    rf"`(?P<quoted>[^`]+)`|(?<![\w.@/])(?:{_NAME}(?:\.{_NAME})+|[a-z][a-z0-9]*(?:_[a-z0-9]+)+)(?![\w@/])"
)
"""What no sentence holds by chance: something in backquotes, with a dot inside, or in snake case."""
_TIME_TYPES: Final = ("DATE", "DATETIME", "TIMESTAMP", "TIME")
_NUMBER_TYPES: Final = ("INT64", "FLOAT64", "NUMERIC", "BIGNUMERIC")


def unknown_names(text: str, tables: Iterable[TableInfo]) -> list[str]:
    """Identifiers in *text* of which a part is neither a table, a dataset nor a column that may be read."""
    known = set(_known_parts(tables))
    spelled = (found["quoted"] or found[0] for found in _IDENTIFIER.finditer(text))
    return [name for name in spelled if not all(part in known for part in name.lower().split("."))]


def column_named(name: str, tables: Iterable[TableInfo]) -> tuple[TableInfo, ColumnInfo] | None:
    """The column that *name* spells: with its table, its dataset and its project, or without; a field of it as well."""
    wanted = name.replace("`", "").strip().lower()
    for table in tables:
        for column in _open_columns(table):
            spellings = [f"{prefix}{column.name}".lower() for prefix in _prefixes(table)]
            if wanted in spellings or any(_is_field(wanted, spelling, column) for spelling in spellings):
                return table, column
    return None


def has_value(value: str, table: TableInfo, column: ColumnInfo, *, said: Sequence[str] = ()) -> bool:
    """Whether *column* holds *value*, as far as anybody wrote down: in its description, its table's, or in *said*.

    Numbers and times are not listed anywhere: there any value of the kind may be.
    """
    if column.type in _TIME_TYPES or column.type in _NUMBER_TYPES:
        return any(char.isdigit() for char in value)
    if column.type == "BOOL":
        return value.lower() in ("true", "false")
    texts = (column.description, table.description, *said)
    return any(re.search(rf"(?<!\w){re.escape(value)}(?!\w)", text, re.IGNORECASE) for text in texts)


def _known_parts(tables: Iterable[TableInfo]) -> Iterator[str]:
    for table in tables:
        yield from table.name.lower().split(".")
        yield table.name.rpartition(".")[2].rstrip("_*").lower()
        for column in _open_columns(table):
            yield from (part.lower() for part in re.findall(r"\w+", f"{column.name} {column.type}"))


def _prefixes(table: TableInfo) -> list[str]:
    """`project.dataset.table.`, `dataset.table.`, `table.` and nothing."""
    parts = table.name.split(".")
    return ["", *(".".join(parts[start:]) + "." for start in range(len(parts)))]


def _is_field(wanted: str, spelling: str, column: ColumnInfo) -> bool:
    """`device.category`, where `device` is a STRUCT that has it."""
    if "STRUCT" not in column.type or not wanted.startswith(f"{spelling}."):
        return False
    fields = {part.lower() for part in re.findall(r"\w+", column.type)}
    return all(part in fields for part in wanted.removeprefix(f"{spelling}.").split("."))


def _open_columns(table: TableInfo) -> list[ColumnInfo]:
    return [column for column in table.columns if not column.policy_tags]
