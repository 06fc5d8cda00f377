"""Making the engine know the tables and hold their rows.

The engine evaluates tables of its root catalog only: each is registered under its full name, `project.dataset.table`.
"""

from collections.abc import Iterable

from zetasql.wasi._pb2.zetasql.local_service import local_service_pb2 as service
from zetasql.wasi._pb2.zetasql.proto import options_pb2
from zetasql.wasi._pb2.zetasql.public import type_pb2

from agent.sql.googlesql.engine import Engine
from agent.sql.googlesql.types import ALIASES
from bot.local.bigquery.catalog import CatalogTable
from bot.local.bigquery.values import encode

TABLE_SUFFIX = "_TABLE_SUFFIX"

_DEADLINE_MS = 60_000


class Registration:
    """What the engine's instance holds. All of it again after a trap; more of it when a new wildcard is asked for."""

    def __init__(self, tables: Iterable[CatalogTable]) -> None:
        self._tables = {table.full_name: table for table in tables}
        self._held: service.RegisterResponse | None = None

    def forget(self) -> None:
        """The instance was replaced, and what it held is gone."""
        self._held = None

    def ensure(self, engine: Engine, needed: Iterable[CatalogTable] = ()) -> service.RegisterResponse:
        """The ids to ask with, once the engine knows every table and *needed* too."""
        missing = {table.full_name: table for table in needed if table.full_name not in self._tables}
        if self._held is not None and not missing:
            return self._held
        self._tables |= missing
        request = _request(self._tables.values(), engine.language_options)
        old = self._held
        held = engine.call("RegisterCatalog", request, service.RegisterResponse, deadline_ms=_DEADLINE_MS)
        if old is not None:
            unregister = service.UnregisterRequest(registered_id=old.registered_id)
            engine.call("UnregisterCatalog", unregister, service.RegisterResponse)
        self._held = held
        return held


def pools(held: service.RegisterResponse) -> service.DescriptorPoolListProto:
    """The held descriptor pools, as a request names them."""
    listed = service.DescriptorPoolListProto()
    for registered_id in held.descriptor_pool_id_list.registered_ids:
        listed.definitions.add().registered_id = registered_id
    return listed


def _request(
    tables: Iterable[CatalogTable], language: options_pb2.LanguageOptionsProto
) -> service.RegisterCatalogRequest:
    request = service.RegisterCatalogRequest()
    catalog = request.simple_catalog
    catalog.name = "bigquery"
    catalog.builtin_function_options.language_options.CopyFrom(language)
    for alias, kind in ALIASES.items():
        named = catalog.named_type.add()
        named.name = alias
        named.type.type_kind = kind
    for number, table in enumerate(tables, start=1):
        _add_table(request, table, number)
    request.descriptor_pool_list.definitions.add().builtin.SetInParent()
    return request


def _add_table(request: service.RegisterCatalogRequest, table: CatalogTable, number: int) -> None:
    described = request.simple_catalog.table.add()
    described.serialization_id = number
    described.name = described.name_in_catalog = described.full_name = table.full_name
    for column, sql_type in zip(table.spec.columns, table.types, strict=True):
        described_column = described.column.add()
        described_column.name = column.name
        described_column.type.CopyFrom(sql_type)
    if table.wildcard_prefix is not None:
        suffix = described.column.add()
        suffix.name = TABLE_SUFFIX
        suffix.type.type_kind = type_pb2.TYPE_STRING
        suffix.is_pseudo_column = True
    content = request.table_content[table.full_name].table_data
    for part in table.parts:
        for row in part.rows:
            cells = content.row.add().cell
            for column, sql_type in zip(table.spec.columns, table.types, strict=True):
                encode(row.get(column.name), sql_type, cells.add())
            if table.wildcard_prefix is not None:
                cells.add().string_value = part.spec.name.removeprefix(table.wildcard_prefix)
