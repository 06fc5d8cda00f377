"""A result as it may be shown: hidden values are replaced, the same way every time."""

from collections.abc import Collection
from dataclasses import replace
from typing import Final

from agent.turn import Cell, Column, Table

MASK: Final = "•••"


def masked_table(table: Table, masked: Collection[int]) -> Table:
    """*masked* are places of columns. Texts become `•••`, all other values NULL; a NULL stays one."""
    if not masked:
        return table
    rows = tuple(
        tuple(
            _hidden(cell, column) if at in masked else cell
            for at, (cell, column) in enumerate(zip(row, table.columns, strict=True))
        )
        for row in table.rows
    )
    return replace(table, rows=rows)


def _hidden(cell: Cell, column: Column) -> Cell:
    return MASK if cell is not None and column.type == "STRING" else None
