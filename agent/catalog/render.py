"""Tables as a prompt shows them: short, stable, with the descriptions that carry the business rules.

What a description says after `Examples:` stands below all tables; `agent.catalog.examples` picks from it once more.
"""

from collections.abc import Iterable, Sequence

from agent.bigquery.warehouse import ColumnInfo, TableInfo

_MAX_COLUMN_WORDS = 240
_MAX_TABLE_WORDS = 900
"""Characters: a table's description carries the business rules, a column's what it holds."""
_MAX_EXAMPLES = 2400
EXAMPLES = "Examples:"


def spoken_name(table: str, default_project: str) -> str:
    """The name to write in SQL: `dataset.table` in the default project; quoted where it must be."""
    project, _, rest = table.partition(".")
    name = rest if project == default_project else table
    return f"`{name}`" if name.endswith("*") or "-" in name else name


def render_table(table: TableInfo, default_project: str) -> str:
    """`dataset.table: description` and one line for all columns.

    Tagged columns are not shown: they are not ours to read.
    """
    words = table.description.partition(EXAMPLES)[0]
    lines = [_described(f"TABLE {spoken_name(table.name, default_project)}", words, _MAX_TABLE_WORDS)]
    if table.name.endswith("*"):
        lines[0] += " (date shards: filter _TABLE_SUFFIX BETWEEN 'YYYYMMDD' AND 'YYYYMMDD')"
    lines.append("; ".join(_render_column(column) for column in table.columns if not column.policy_tags))
    return "\n".join(lines)


def render_examples(tables: Iterable[TableInfo]) -> str:
    """The example queries of *tables* under one heading, whole lines only; empty where there are none."""
    lines: list[str] = []
    for table in reversed([*tables]):
        spent = 0
        for line in table.description.partition(EXAMPLES)[2].splitlines():
            spent += len(line) + 1
            if spent > _MAX_EXAMPLES:
                break
            lines.extend([line.strip()] if line.strip() else [])
    return "\n".join(["Examples of right queries:", *lines]) if lines else ""


def render_tables(tables: Sequence[TableInfo], default_project: str) -> str:
    return "\n".join(render_table(table, default_project) for table in tables)


def _render_column(column: ColumnInfo) -> str:
    return _described(f"{column.name} {column.type}", column.description.rstrip(". "), _MAX_COLUMN_WORDS)


def _described(name: str, description: str, limit: int) -> str:
    words = " ".join(description.replace(";", ",").split())[:limit]  # `;` ends a column
    return f"{name} - {words}" if words else name
