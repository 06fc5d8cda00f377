"""From the table names that a person writes to the names that the engine holds, and back for places in errors.

BigQuery takes `shop.orders`, `demo-proj.shop.orders`, each part quoted or all of it, and calls the table `orders`
unless an alias says otherwise. The engine holds one name per table, so each reference is replaced, with an alias
where the writer gave none; a place that the engine then names is translated back to the text as written. The engine
knows no views: what stands for one is its own query in parentheses, over its tables.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, TypeAlias

from google.protobuf.message import Message

from bot.local.bigquery.catalog import Catalog, CatalogTable, CatalogView
from bot.local.bigquery.errors import BigQueryError, dataset_not_found, foreign_table, table_not_found
from bot.local.bigquery.tree import location, walk

_PLACE = re.compile(r" at \[(\d+):(\d+)\]$")


@dataclass(frozen=True, slots=True)
class _Edit:
    start: int
    """In bytes of the text as written."""
    end: int
    text: bytes


@dataclass(frozen=True, slots=True)
class Rewritten:
    """A statement as the engine is to read it."""

    original: bytes
    edits: tuple[_Edit, ...]
    tables: tuple[CatalogTable, ...]
    """What it reads, below views too; the views are not among them."""

    @property
    def sql(self) -> str:
        pieces: list[bytes] = []
        position = 0
        for edit in self.edits:
            pieces += [self.original[position : edit.start], edit.text]
            position = edit.end
        return b"".join([*pieces, self.original[position:]]).decode()

    def message_as_written(self, message: str) -> str:
        """*message* with its `at [line:column]` where that place is in the text as written."""
        found = _PLACE.search(message)
        if found is None:
            return message
        offset = _byte_offset(self.sql, int(found[1]), int(found[2]))
        line, column = _line_and_column(self.original, self._original_offset(offset))
        return f"{message[: found.start()]} at [{line}:{column}]"

    def _original_offset(self, offset: int) -> int:
        grown = 0
        for edit in self.edits:
            if offset < edit.start + grown:
                break
            if offset < edit.start + grown + len(edit.text):
                return edit.start
            grown += len(edit.text) - (edit.end - edit.start)
        return offset - grown


Expand: TypeAlias = Callable[[CatalogView], Rewritten]
"""A view's own query, rewritten in its turn."""


def resolve(catalog: Catalog, path: Iterable[str]) -> CatalogTable | CatalogView:
    """The table or view of a path as written. BigQueryError as BigQuery says it where there is none."""
    name = ".".join(path)
    parts = name.split(".")
    if len(parts) == 1:
        raise BigQueryError(400, "invalid", f'Table "{name}" must be qualified with a dataset (e.g. dataset.table).')
    project, dataset, table = (
        [catalog.project.id, *parts] if len(parts) == 2 else (parts[0], parts[1], ".".join(parts[2:]))
    )
    if project != catalog.project.id:
        raise foreign_table(project, dataset, table)
    if dataset not in catalog.datasets:
        raise dataset_not_found(project, dataset, catalog.project.location)
    found = catalog.find(dataset, table)
    if found is None:
        raise table_not_found(project, dataset, table, catalog.project.location)
    return found


def rewrite(
    sql: str, parsed_statement: Message, names: Iterable[tuple[str, ...]], catalog: Catalog, expand: Expand
) -> Rewritten:
    """*names* are the paths that the engine would look up: array paths and names of a WITH are not among them."""
    found = {".".join(path): resolve(catalog, path) for path in names}
    references = [node for node in walk(parsed_statement) if node.DESCRIPTOR.name == "ASTTablePathExpressionProto"]
    # The engine's list leaves out what stands in QUALIFY, WINDOW and LIMIT: known tables there count too.
    for name in {_name(node) for node in references} - found.keys():
        if (known := _known(catalog, name)) is not None:
            found[name] = known
    views = {name: expand(view) for name, view in found.items() if isinstance(view, CatalogView)}
    spelled = {name: f"({views[name].sql}\n)" if name in views else f"`{it.full_name}`" for name, it in found.items()}
    edits = [_edit(node, it, spelled[name]) for node in references if (it := found.get(name := _name(node)))]
    tables = [it for it in found.values() if isinstance(it, CatalogTable)]
    tables += [table for view in views.values() for table in view.tables]
    once = {table.full_name: table for table in tables}
    return Rewritten(sql.encode(), tuple(sorted(edits, key=lambda edit: edit.start)), tuple(once.values()))


def known_tables(parsed_statement: Message, catalog: Catalog) -> tuple[CatalogTable, ...]:
    """What a statement that is not a query names; its target may well be a table that is not there yet."""
    paths: list[Any] = [node for node in walk(parsed_statement) if node.DESCRIPTOR.name == "ASTPathExpressionProto"]
    names = sorted({".".join(part.id_string for part in path.names) for path in paths})
    return tuple(table for name in names if isinstance(table := _known(catalog, name), CatalogTable))


def _edit(node: Any, it: CatalogTable | CatalogView, spelled: str) -> _Edit:
    place = location(node.path_expr)
    alias = "" if node.HasField("alias") else f" AS `{it.full_name.split('.', 2)[2]}`"
    return _Edit(place.start, place.end, f"{spelled}{alias}".encode())


def _name(node: Any) -> str:
    """As written, without quotes; empty for an UNNEST."""
    return ".".join(part.id_string for part in node.path_expr.names)


def _known(catalog: Catalog, name: str) -> CatalogTable | CatalogView | None:
    try:
        return resolve(catalog, name.split("."))
    except BigQueryError:
        return None


def _byte_offset(text: str, line: int, column: int) -> int:
    lines = text.split("\n")
    before = "\n".join([*lines[: line - 1], lines[line - 1][: column - 1]])
    return len(before.encode())


def _line_and_column(text: bytes, offset: int) -> tuple[int, int]:
    before = text[:offset].decode(errors="ignore")
    return before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1
