"""The tables and views of the local BigQuery, found by name, with what their columns weigh."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property

from zetasql.wasi._pb2.zetasql.public import type_pb2

from agent.sql.googlesql.types import parse_type
from bot.local.bigquery.schema import LocalTable, Project, TableSpec, ViewSpec
from bot.local.bigquery.values import logical_bytes

_SHARD = re.compile(r"(.+_)\d{8}$")


@dataclass(frozen=True)
class CatalogTable:
    """One table, or every table that a wildcard matches: then `parts` are several and there is a `_TABLE_SUFFIX`."""

    full_name: str
    spec: TableSpec
    parts: tuple[LocalTable, ...]
    wildcard_prefix: str | None = None

    @cached_property
    def types(self) -> list[type_pb2.TypeProto]:
        return [parse_type(column.type) for column in self.spec.columns]

    @cached_property
    def column_bytes(self) -> list[int]:
        """Logical bytes of each column, over all rows."""
        return [
            sum(logical_bytes(row.get(column.name), sql_type) for part in self.parts for row in part.rows)
            for column, sql_type in zip(self.spec.columns, self.types, strict=True)
        ]

    @property
    def row_count(self) -> int:
        return sum(len(part.rows) for part in self.parts)


@dataclass(frozen=True, slots=True)
class CatalogView:
    full_name: str
    spec: ViewSpec
    created_ms: int
    modified_ms: int


class Catalog:
    """Names are case-sensitive, as BigQuery's are. Tables stay as they are; views come, change and go."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self.datasets = {dataset.name: dataset for dataset in project.datasets}
        self.tables = {
            f"{project.id}.{table.spec.dataset}.{table.spec.name}": CatalogTable(
                f"{project.id}.{table.spec.dataset}.{table.spec.name}", table.spec, (table,)
            )
            for table in project.tables
        }
        self.views: dict[str, CatalogView] = {}
        for view in project.views:
            self.put_view(view)

    def put_view(self, spec: ViewSpec) -> CatalogView:
        """Make the view, or change the one of that name."""
        full_name = f"{self.project.id}.{spec.dataset}.{spec.name}"
        now = int(datetime.now(UTC).timestamp() * 1000)
        old = self.views.get(full_name)
        self.views[full_name] = view = CatalogView(full_name, spec, old.created_ms if old else now, now)
        return view

    def find(self, dataset: str, name: str) -> CatalogTable | CatalogView | None:
        """The table or view, or the union that a wildcard such as `events_*` names; None where there is none."""
        full_name = f"{self.project.id}.{dataset}.{name}"
        known = self.tables.get(full_name) or self.views.get(full_name)
        return known or self._find_wildcard(full_name, dataset, name)

    def shard_wildcards(self) -> list[CatalogTable]:
        """`events_*` for every family of daily shards such as events_20251201."""
        families = {
            (table.spec.dataset, match[1]) for table in self.project.tables if (match := _SHARD.match(table.spec.name))
        }
        found = [
            self._find_wildcard(f"{self.project.id}.{dataset}.{prefix}*", dataset, f"{prefix}*")
            for dataset, prefix in sorted(families)
        ]
        return [table for table in found if table is not None]

    def _find_wildcard(self, full_name: str, dataset: str, name: str) -> CatalogTable | None:
        if not name.endswith("*"):
            return None
        prefix = name[:-1]
        parts = tuple(t for t in self.project.tables if t.spec.dataset == dataset and t.spec.name.startswith(prefix))
        if not parts:
            return None
        # BigQuery takes the schema of the newest table that matches.
        newest = max(parts, key=lambda part: part.modified_ms)
        matching = tuple(part for part in parts if part.spec.columns == newest.spec.columns)
        return CatalogTable(full_name, newest.spec, matching, wildcard_prefix=prefix)
