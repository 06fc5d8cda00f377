"""The catalog as somebody may read it: what is not theirs has no name there."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final

from agent.bigquery.warehouse import ColumnInfo, TableInfo
from agent.catalog.fields import field_paths, without_fields
from agent.catalog.render import EXAMPLES
from agent.policy.grants import Treatment
from agent.policy.rights import Rights
from agent.sql.names import TableName, UnreadableName, read_table_name

_HIDDEN_VALUES: Final = "Values are hidden: select it as it is or leave it out"
_WORD: Final = re.compile(r"\w+")


def readable(tables: Sequence[TableInfo], rights: Rights) -> tuple[TableInfo, ...]:
    """*tables* without those, and without those columns, fields and examples, that *rights* do not hold.

    What is left carries no policy tags: they have been heeded.
    """
    named = [(table, name) for table in tables if (name := _name_of(table)) is not None]
    shown = [_shown(table, name, rights) for table, name in named if rights.may_read(name)]
    kept = tuple(table for table, _ in shown if table.columns)
    gone = _words(table.name.rsplit(".", 1)[-1].rstrip("*") for table in tables if table.name not in _names(kept))
    return tuple(_without_examples(table, gone | hidden) for table, hidden in shown if table.columns)


def _names(tables: Iterable[TableInfo]) -> frozenset[str]:
    return frozenset(table.name for table in tables)


def _shown(table: TableInfo, name: TableName, rights: Rights) -> tuple[TableInfo, frozenset[str]]:
    """The table with the columns that are left, and the words that stand for what is gone."""
    columns: list[ColumnInfo] = []
    hidden: set[str] = set()
    for column in table.columns:
        treatments = {path: rights.treatment(name, path, column.policy_tags) for path in field_paths(column)}
        refused = [path for path, treatment in treatments.items() if treatment is Treatment.REFUSE]
        hidden.update(path[-1] for path in refused)
        whole = (column.name.lower(),)
        if whole in refused:
            continue
        words = column.description
        if Treatment.MASK in treatments.values():
            words = f"{_HIDDEN_VALUES}. {words}".rstrip(" .")
        columns.append(ColumnInfo(column.name, without_fields(column, refused), words))
    still_there = {path[-1] for column in columns for path in field_paths(column)}
    return replace(table, columns=tuple(columns)), frozenset(hidden - still_there)


def _without_examples(table: TableInfo, hidden: frozenset[str]) -> TableInfo:
    """Examples that name what is gone go too, with the title above them."""
    words, heading, examples = table.description.partition(EXAMPLES)
    if not heading or not hidden:
        return table
    kept: list[str] = []
    for line in examples.splitlines():
        if line.strip().startswith("--") or hidden.isdisjoint(_words([line])):
            kept.append(line)
        elif kept and kept[-1].strip().startswith("--"):
            kept.pop()
    return replace(table, description=words + heading + "\n".join(kept))


def _words(texts: Iterable[str]) -> frozenset[str]:
    return frozenset(word.lower() for text in texts for word in _WORD.findall(text))


def _name_of(table: TableInfo) -> TableName | None:
    try:
        return read_table_name((table.name,), "")
    except UnreadableName:
        return None
