"""Cheaper statements in place of a dear one: a shorter period, fewer columns, a sample. Pure; nothing here is trusted:
each passes the same gate and the same dry run as any statement, and only those that are cheaper indeed are shown."""

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

import sqlglot
from sqlglot import exp

from agent.bigquery.warehouse import TableInfo
from agent.notice import Notice
from agent.sql.names import UnreadableName, read_table_name
from agent.sql.periods import shorter_period
from agent.sql.second_opinion import second_opinion

_KEPT_COLUMNS: Final = 5
_SAMPLE_PERCENT: Final = 10
_HEAVY: Final = ("ARRAY", "STRUCT", "JSON", "BYTES", "GEOGRAPHY")


@dataclass(frozen=True, slots=True)
class Rewrite:
    sql: str
    gives_up: Notice
    """What the result is short of."""


def rewrites_of(sql: str, tables: Sequence[TableInfo], default_project: str, today: date) -> tuple[Rewrite, ...]:
    """From the least loss to the greatest; none where the second parser cannot read *sql*. Blocks while it parses."""
    opinion = second_opinion(sql)
    if opinion is None or opinion.statements != 1 or opinion.foreign:
        return ()
    by_name = {table.name: table for table in tables}
    return tuple(_rewrites(sql, by_name, default_project, today))


def _rewrites(sql: str, tables: dict[str, TableInfo], default_project: str, today: date) -> Generator[Rewrite]:
    # Each starts from a tree of its own: sqlglot's trees are changed in place.
    if (shorter := shorter_period(_parse(sql), today)) is not None:
        tree, since, until = shorter
        params = {"since": since.isoformat(), "until": until.isoformat()}
        yield Rewrite(_text(tree), Notice("twin.period", params))
    if (narrower := _fewer_columns(_parse(sql), tables, default_project)) is not None:
        tree, columns = narrower
        yield Rewrite(_text(tree), Notice("twin.columns", {"columns": ", ".join(columns)}))
    if (sampled := _sample(_parse(sql))) is not None:
        tree, table = sampled
        yield Rewrite(_text(tree), Notice("twin.sample", {"percent": _SAMPLE_PERCENT, "table": table}))


def _parse(sql: str) -> exp.Expr:
    return sqlglot.parse_one(sql, read="bigquery")


def _text(tree: exp.Expr) -> str:
    return tree.sql(dialect="bigquery", pretty=True)


def _fewer_columns(
    tree: exp.Expr, tables: dict[str, TableInfo], default_project: str
) -> tuple[exp.Expr, tuple[str, ...]] | None:
    """`SELECT *` of one table that is known: the columns that the statement speaks of, then the table's first ones."""
    if not isinstance(tree, exp.Select) or tree.args.get("joins") or tree.args.get("with_"):
        return None
    source = _only_table(tree)
    if source is None or len(tree.expressions) != 1 or not _is_plain_star(tree.expressions[0]):
        return None
    info = tables.get(_name_of(source, default_project))
    if info is None:
        return None
    spoken_of = {column.name.lower() for column in tree.find_all(exp.Column)}
    light = [column.name for column in info.columns if not column.type.upper().startswith(_HEAVY)]
    ranked = sorted(light, key=lambda name: name.lower() not in spoken_of)
    chosen = ranked[: max(_KEPT_COLUMNS, len(spoken_of))]
    kept = [name for name in light if name in chosen]
    if not kept or len(kept) == len(info.columns):
        return None
    tree.set("expressions", [exp.column(name, quoted=True) for name in kept])
    return tree, tuple(kept)


def _is_plain_star(projection: exp.Expr) -> bool:
    """`*` or `t.*`, without EXCEPT and REPLACE."""
    star = projection.this if isinstance(projection, exp.Column) else projection
    return isinstance(star, exp.Star) and not any(star.args.values())


def _sample(tree: exp.Expr) -> tuple[exp.Expr, str] | None:
    """A tenth of the blocks of the one table that is read. Of several, a sample loses the partners of a join."""
    table = _only_table(tree)
    if table is None or table.args.get("sample") or "*" in table.name or "INFORMATION_SCHEMA" in table.sql().upper():
        return None
    percent = exp.Literal.number(_SAMPLE_PERCENT)
    table.set("sample", exp.TableSample(method=exp.var("SYSTEM"), percent=percent))
    return tree, ".".join(part.name for part in table.parts[-2:])


def _only_table(tree: exp.Expr) -> exp.Table | None:
    with_names = {cte.alias.lower() for cte in tree.find_all(exp.CTE)}
    read = [
        table
        for table in tree.find_all(exp.Table)
        if isinstance(table.this, exp.Identifier) and not (len(table.parts) == 1 and table.name.lower() in with_names)
    ]
    return read[0] if len(read) == 1 else None


def _name_of(table: exp.Table, default_project: str) -> str:
    try:
        return str(read_table_name([part.name for part in table.parts], default_project))
    except UnreadableName:
        return ""
