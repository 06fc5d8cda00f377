"""The second opinion: sqlglot, which shares no code with Google's engine. What it cannot read it has no opinion on."""

import logging
from dataclasses import dataclass
from typing import Final

import sqlglot
from sqlglot import exp
from sqlglot.optimizer.scope import Scope, traverse_scope

# It recurses, and on deep nesting it tries every reading: beyond this it would take minutes to give up.
_MAX_NESTING: Final = 40
_MAX_BYTES: Final = 32 * 1024

# It logs the statement when it falls back to an opaque command: statements hold people's data.
logging.getLogger("sqlglot").setLevel(logging.CRITICAL)

_WRITES: Final = (
    exp.Insert,
    exp.Update,
    exp.Delete,
    exp.Merge,
    exp.Create,
    exp.LoadData,
    exp.Export,
    exp.Drop,
    exp.Alter,
    exp.Command,
    exp.Copy,
    exp.TruncateTable,
    exp.Grant,
    exp.Into,
)


@dataclass(frozen=True, slots=True)
class Opinion:
    statements: int
    foreign: str
    """What the statement is, or holds, that is no read; empty for a read."""
    tables: frozenset[str]
    """Dotted names as written, of what is read; names of a WITH and array columns are not among them."""
    has_routines: bool = False
    """A function is called by a dotted name, or in a FROM."""
    has_unscoped: bool = False
    """A table stands where sqlglot resolves no names: `tables` may lack it."""


def second_opinion(sql: str) -> Opinion | None:
    """None: no opinion. Blocks for as long as parsing takes: call it off the event loop."""
    if len(sql) > _MAX_BYTES or _nesting(sql) > _MAX_NESTING:
        return None
    try:
        trees = sqlglot.parse(sql, read="bigquery")
        # A comment behind the last semicolon comes as a statement of its own.
        return _form_opinion([tree for tree in trees if not (tree is None or isinstance(tree, exp.Semicolon))])
    except Exception:  # it raises whatever it stumbles over (ValueError, TypeError, RecursionError): no opinion
        return None


def _form_opinion(trees: list[exp.Expr]) -> Opinion:
    foreign = ""
    tables: set[str] = set()
    has_routines = has_unscoped = False
    for tree in trees:
        if not isinstance(tree, exp.Query):
            foreign = tree.key
            continue
        if write := next((node for node in tree.walk() if _is_write(node)), None):
            foreign = write.key
        with_names = {cte.alias.lower() for cte in tree.find_all(exp.CTE)}
        has_routines |= any(_is_routine(node) for node in tree.walk())
        seen: set[int] = set()
        for scope in traverse_scope(tree):
            seen.update(id(table) for table in scope.tables)
            read = [table for table in scope.tables if not _is_with_name(table, with_names)]
            tables |= {".".join(part.name for part in table.parts) for table in read if not _is_array(table, scope)}
        has_unscoped |= any(id(table) not in seen for table in tree.find_all(exp.Table))
    return Opinion(len(trees), foreign, frozenset(tables), has_routines, has_unscoped)


def _is_write(node: exp.Expr) -> bool:
    return isinstance(node, _WRITES)


def _is_routine(node: exp.Expr) -> bool:
    """`p.d.f(x)`, also as `` `p.d.f`(x) ``, and `FROM f(x)`."""
    match node:
        case exp.Dot():
            return isinstance(node.expression, exp.Func)
        case exp.Table():
            return isinstance(node.this, exp.Func)
        case exp.Anonymous():
            return "." in node.name
        case _:
            return False


def _is_with_name(table: exp.Table, with_names: set[str]) -> bool:
    # A qualified name is never a WITH's: `WITH secret AS (...) SELECT * FROM hr.secret` reads the table.
    return len(table.parts) == 1 and table.name.lower() in with_names


def _is_array(table: exp.Table, scope: Scope) -> bool:
    """`FROM shop.orders, orders.items` reads one table: the second name starts with what the first is called."""
    if len(table.parts) == 1:
        return False
    head = table.parts[0].name.lower()
    inside: Scope | None = scope
    while inside is not None:
        for name, source in inside.sources.items():
            if name.lower() == head and source is not table:
                return True
        inside = inside.parent
    return False


def _nesting(sql: str) -> int:
    """An upper bound of how deep brackets nest; those inside strings count too, which costs an opinion at worst."""
    depth = deepest = 0
    for character in sql:
        if character in "([{":
            depth += 1
            deepest = max(deepest, depth)
        elif character in ")]}":
            depth = max(0, depth - 1)
    return deepest
