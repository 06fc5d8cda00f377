"""A result cut to what a checkpoint and a message may hold; the whole of it lies in the results table."""

import json

from agent.turn import Table

MAX_ROWS = 200
MAX_CHARS = 200_000


def bounded(table: Table) -> Table:
    """The first rows of *table*, as many as fit; `total_rows` still tells how many there are."""
    kept = 0
    chars = 0
    for row in table.rows[:MAX_ROWS]:
        chars += len(json.dumps(row, default=str))
        if chars > MAX_CHARS:
            break
        kept += 1
    return Table(table.columns, table.rows[:kept], table.total_rows)
