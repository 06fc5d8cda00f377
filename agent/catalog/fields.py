"""The fields inside a column, by its type: `STRUCT<category STRING, ids ARRAY<STRUCT<ad_id STRING>>>`."""

import re
from collections.abc import Generator
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
