"""The fields inside a column, by its type: `STRUCT<category STRING, ids ARRAY<STRUCT<ad_id STRING>>>`."""

import re
from collections.abc import Collection, Generator
from typing import Final

from agent.bigquery.warehouse import ColumnInfo

_TOKEN: Final = re.compile(r"`[^`]*`|[^\s<>,`]+|[<>,]")


def field_paths(column: ColumnInfo) -> tuple[tuple[str, ...], ...]:
    """The column itself, then every field of it at any depth, lower case: `("device", "ids", "ad_id")`."""
    return tuple(_paths(column))


def _paths(column: ColumnInfo) -> Generator[tuple[str, ...]]:
    path = [column.name.lower()]
    yield tuple(path)
    # What each open bracket is of, and whether a field's name comes next.
    brackets: list[str] = []
    expects_name = False
    tokens: list[str] = _TOKEN.findall(column.type)
    for at, token in enumerate(tokens):
        match token:
            case "<":
                brackets.append(tokens[at - 1].upper())
                expects_name = brackets[-1] == "STRUCT"
                if expects_name:
                    path.append("")
            case ">":
                if brackets.pop() == "STRUCT":
                    path.pop()
            case ",":
                expects_name = brackets[-1:] == ["STRUCT"]
            case _ if expects_name:
                path[-1] = token.strip("`").lower()
                expects_name = False
                yield tuple(path)
            case _:
                pass


def without_fields(column: ColumnInfo, hidden: Collection[tuple[str, ...]]) -> str:
    """The column's type without the fields *hidden*, paths as `field_paths` gives them."""
    tokens: list[str] = _TOKEN.findall(column.type)
    spelled, _ = _spelled(tokens, (column.name.lower(),), frozenset(hidden))
    return spelled


def _spelled(tokens: list[str], path: tuple[str, ...], hidden: frozenset[tuple[str, ...]]) -> tuple[str, list[str]]:
    """The type that *tokens* begin with, and what comes after it."""
    name, rest = tokens[0], tokens[1:]
    if rest[:1] != ["<"]:
        return name, rest
    if name.upper() != "STRUCT":
        inner, rest = _spelled(rest[1:], path, hidden)
        return f"{name}<{inner}>", rest[1:]
    fields: list[str] = []
    while rest[0] in "<,":
        field = rest[1]
        inside = (*path, field.strip("`").lower())
        kind, rest = _spelled(rest[2:], inside, hidden)
        if inside not in hidden:
            fields.append(f"{field} {kind}")
    return f"{name}<{', '.join(fields)}>", rest[1:]
