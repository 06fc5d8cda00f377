"""Which columns the tables of a failed statement have: what an engine's "Unrecognized name" leaves open."""

from collections.abc import Sequence

from agent.bigquery.warehouse import TableInfo
from agent.catalog.render import spoken_name

_MAX_TABLES = 4


def columns_hint(sql: str, tables: Sequence[TableInfo], default_project: str) -> str:
    """`Columns of shop.orders: order_id, ...` for each table that *sql* names, as it would be written."""
    named = [table for table in tables if _bare(table, default_project) in sql]
    return "\n".join(
        f"Columns of {spoken_name(table.name, default_project)}: "
        + ", ".join(column.name for column in table.columns if not column.policy_tags)
        for table in named[:_MAX_TABLES]
    )


def _bare(table: TableInfo, default_project: str) -> str:
    return spoken_name(table.name, default_project).strip("`").removesuffix("*")
