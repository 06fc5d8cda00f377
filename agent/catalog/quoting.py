"""Backquotes around wildcard tables that a draft names without them: the one spelling GoogleSQL takes."""

import re
from collections.abc import Sequence
from typing import Final

from agent.bigquery.warehouse import TableInfo
from agent.catalog.render import spoken_name

_QUOTED: Final = r"""`[^`]*`|'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|--[^\n]*|/\*.*?\*/"""


def quote_wildcards(sql: str, tables: Sequence[TableInfo], default_project: str) -> str:
    """*sql* with each bare `dataset.prefix_*` of *tables* quoted; nothing else is touched, so its meaning stays."""
    names = {spoken_name(table.name, default_project).strip("`") for table in tables if table.name.endswith("*")}
    names |= {table.name for table in tables if table.name.endswith("*")}
    if not names:
        return sql
    spelled = "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True))
    return re.sub(
        rf"{_QUOTED}|(?<![\w.\-])(?P<bare>{spelled})",
        lambda found: f"`{found['bare']}`" if found["bare"] else found[0],
        sql,
        flags=re.DOTALL,
    )
