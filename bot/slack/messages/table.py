"""A result as Slack's native data table, cut to its limits; what is cut is said."""

from dataclasses import dataclass
from typing import Any, Final

from agent.turn import Language, Table
from bot.i18n.catalogue import say
from bot.slack.markup import code_block
from bot.slack.messages.cells import LONGEST_CELL, cell_text, table_cell
from bot.slack.messages.message import Block

MOST_ROWS: Final = 200
MOST_COLUMNS: Final = 20
MOST_CHARACTERS: Final = 20_000
"""Slack's limits of one data_table, header included."""
PAGE_SIZE: Final = 12
_FALLBACK_ROWS: Final = 20
_FALLBACK_CHARACTERS: Final = 2_400
"""Of code block in the message's `text`, so that notices and footer fit below 4 000."""


@dataclass(frozen=True, slots=True)
class RenderedTable:
    block: Block
    fallback: str
    """mrkdwn: the first rows as text."""
    caveats: tuple[str, ...]
    """Sentences that say what is not shown."""


def render_table(table: Table, caption: str, language: Language) -> RenderedTable:
    """*table* must have a row and a column."""
    columns = table.columns[:MOST_COLUMNS]
    header = [{"type": "raw_text", "text": _header(column.name)} for column in columns]
    rows: list[list[dict[str, Any]]] = [header]
    characters = sum(len(cell["text"]) for cell in header)
    was_cell_cut = any(len(column.name) > LONGEST_CELL for column in columns)
    for values in table.rows[:MOST_ROWS]:
        cells = [table_cell(value, column) for value, column in zip(values, columns, strict=False)]
        size = sum(len(cell["text"]) for cell, _ in cells)
        if characters + size > MOST_CHARACTERS:
            break
        characters += size
        was_cell_cut = was_cell_cut or any(is_cut for _, is_cut in cells)
        rows.append([cell for cell, _ in cells])
    shown = len(rows) - 1
    block: Block = {
        "type": "data_table",
        "caption": caption[:LONGEST_CELL] or " ",
        "page_size": PAGE_SIZE,
        "rows": rows,
    }
    caveats: list[str] = []
    if shown < table.total_rows:
        caveats.append(say(language, "answer.first_rows", shown=shown, total=table.total_rows))
    if len(columns) < len(table.columns):
        caveats.append(say(language, "answer.first_columns", shown=len(columns), total=len(table.columns)))
    if was_cell_cut:
        caveats.append(say(language, "answer.cells_cut"))
    return RenderedTable(block, fallback_table(table), tuple(caveats))


def fallback_table(table: Table) -> str:
    """The first rows in a code block."""
    columns = table.columns[:MOST_COLUMNS]
    lines = [" | ".join(_header(column.name) for column in columns)]
    for values in table.rows[:_FALLBACK_ROWS]:
        texts = [cell_text(value, column) for value, column in zip(values, columns, strict=False)]
        lines.append(" | ".join(text.replace("\n", " ")[:80] for text in texts))
    kept = lines[:1]
    for line in lines[1:]:
        if len(code_block("\n".join([*kept, line, "…"]))) > _FALLBACK_CHARACTERS:
            break
        kept.append(line)
    if len(kept) - 1 < table.total_rows:
        kept.append("…")
    return code_block("\n".join(kept))


def _header(name: str) -> str:
    """Slack takes no empty cell; BigQuery's own names are up to 300 characters."""
    return name[:LONGEST_CELL] or " "
