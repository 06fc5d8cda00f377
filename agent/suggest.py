"""What may be asked next: of a model's suggestions those that people can press and get an answer to. Pure."""

import re
from collections.abc import Iterable, Sequence
from typing import Final

from agent.bigquery.warehouse import TableInfo
from agent.catalog.named import unknown_names
from agent.language import shown_language
from agent.privacy.mask import holds_placeholder
from agent.turn import Language

MOST: Final = 3
LONGEST: Final = 240


def answerable(
    offered: Iterable[str], *, asked: Sequence[str], language: Language, tables: Sequence[TableInfo]
) -> list[str]:
    """Of *offered* at most three: in *language*, each once, none of *asked*, none about what is not there to read."""
    known = {same_words(question) for question in asked}
    kept: list[str] = []
    for question in (" ".join(text.split()) for text in offered):
        words = same_words(question)
        if words in known or not is_sayable(question, language, tables):
            continue
        known.add(words)
        kept.append(question)
    return kept[:MOST]


def is_sayable(text: str, language: Language, tables: Sequence[TableInfo]) -> bool:
    """True for words in *language* whose names are all there, without a placeholder that stands for nothing."""
    is_short = 0 < len(text) <= LONGEST
    is_theirs = shown_language(text) == language
    return is_short and is_theirs and not holds_placeholder(text) and not unknown_names(text, tables)


def named_columns(sql: str, tables: Iterable[TableInfo]) -> str:
    """The columns of the tables that *sql* names, a line for each: `shop.orders: order_id, status`."""
    used = [table for table in tables if table.name.rpartition(".")[2].rstrip("*") in sql]
    columns = [", ".join(column.name for column in table.columns if not column.policy_tags) for table in used]
    return "\n".join(f"{table.name.partition('.')[2]}: {names}" for table, names in zip(used, columns, strict=True))


def same_words(text: str) -> str:
    """*text* as it compares: without case, spaces and marks."""
    return re.sub(r"\W+", "", text).casefold()
