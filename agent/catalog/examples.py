"""Example queries of the warehouse's own people: the last part of a table's description, after `Examples:`.

Each is a line `-- what it answers`, in as many languages as people ask in, and the query in one line.
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import Final

from agent.bigquery.warehouse import TableInfo
from agent.catalog.choose import rank, words
from agent.catalog.render import EXAMPLES

_MAX_NEAREST: Final = 2


def nearest_examples(tables: Sequence[TableInfo], question: str) -> str:
    """The examples likest to *question*, the likest last, where a model heeds it most; empty where none is like it."""
    examples = [example for table in tables for example in _examples_of(table)]
    asked = set(words(question))
    titles = [title for title, _ in examples]
    near = [index for index in rank(titles, question)[:_MAX_NEAREST] if asked & set(words(titles[index]))]
    return "\n".join(f"{titles[index]}\n{examples[index][1]}" for index in reversed(near))


def _examples_of(table: TableInfo) -> list[tuple[str, str]]:
    lines = [line.strip() for line in table.description.partition(EXAMPLES)[2].splitlines()]
    return [(title, sql) for title, sql in pairwise(lines) if title.startswith("-- ") and not sql.startswith("--")]
