"""datasets.list and get, tables.list and get, tabledata.list."""

import asyncio
from datetime import UTC, datetime
from typing import Any

from aiohttp import web

from agent.sql.googlesql.types import parse_type
from bot.local.bigquery import job_resources
from bot.local.bigquery.catalog import Catalog, CatalogTable, CatalogView
from bot.local.bigquery.errors import BigQueryError, dataset_not_found, table_not_found
from bot.local.bigquery.jobs import JobRunner
from bot.local.bigquery.paging import Paging
from bot.local.bigquery.schema import ColumnSpec, DatasetSpec
from bot.local.bigquery.sqltypes import Field, rest_field
from bot.local.bigquery.view_routes import ViewRoutes

Resource = dict[str, Any]


class TableRoutes:
    def __init__(self, catalog: Catalog, runner: JobRunner) -> None:
        self._catalog = catalog
        self._project = catalog.project
        self._runner = runner
        self._views = ViewRoutes(catalog, runner)
        self._touched_ms: dict[str, int] = {}

    def touch(self, table: str) -> None:
        """From now on `project.dataset.table` says that it was modified this very moment; its rows stay."""
        self._touched_ms[self._catalog.tables[table].full_name] = int(datetime.now(UTC).timestamp() * 1000)

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/datasets", self.datasets),
            web.get("/datasets/{dataset}", self.dataset),
            web.get("/datasets/{dataset}/tables", self.tables),
            web.get("/datasets/{dataset}/tables/{table}", self.table),
            web.get("/datasets/{dataset}/tables/{table}/data", self.rows),
            *self._views.routes(),
        ]

    async def datasets(self, request: web.Request) -> web.Response:
        names = list(self._catalog.datasets)
        shown, token = _page(names, Paging.of(request.query))
        listed = [{"kind": "bigquery#dataset", **self._dataset_head(self._catalog.datasets[name])} for name in shown]
        return web.json_response({"kind": "bigquery#datasetList", "datasets": listed, **token})

    async def dataset(self, request: web.Request) -> web.Response:
        dataset = self._dataset(request)
        return web.json_response(
            {
                "kind": "bigquery#dataset",
                **self._dataset_head(dataset),
                "description": dataset.description,
                "access": [],
            }
        )

    async def tables(self, request: web.Request) -> web.Response:
        dataset = self._dataset(request).name
        names = [name for name in (*self._catalog.tables, *self._catalog.views) if name.split(".")[1] == dataset]
        shown, token = _page(names, Paging.of(request.query))
        listed = [self._head(name) for name in shown]
        return web.json_response({"kind": "bigquery#tableList", "tables": listed, "totalItems": len(names), **token})

    async def table(self, request: web.Request) -> web.Response:
        table = self._table(request)
        if isinstance(table, CatalogView):
            return web.json_response(await self._views.resource(table))
        [part] = table.parts
        return web.json_response(
            {
                **self._table_head(table),
                "description": table.spec.description,
                "schema": {"fields": [self._field(column) for column in table.spec.columns]},
                "numRows": str(table.row_count),
                "numBytes": str(sum(table.column_bytes)),
                "lastModifiedTime": str(self._touched_ms.get(table.full_name, part.modified_ms)),
                "location": self._project.location,
            }
        )

    async def rows(self, request: web.Request) -> web.Response:
        paging = Paging.of(request.query)
        table = self._table(request)
        if isinstance(table, CatalogView):
            raise BigQueryError(400, "invalid", "Cannot list a table of type VIEW.")
        plan = await self._runner.plan(f"SELECT * FROM `{table.full_name}`")  # noqa: S608  a name out of the catalogue
        rows = await self._runner.read(plan)
        int64_timestamps = request.query.get("formatOptions.useInt64Timestamp", "").lower() == "true"
        page = await asyncio.to_thread(
            job_resources.rows_page, rows, paging.start, paging.size, int64_timestamps=int64_timestamps
        )
        return web.json_response({"kind": "bigquery#tableDataList", **page})

    def _dataset(self, request: web.Request) -> DatasetSpec:
        name = request.match_info["dataset"]
        if name not in self._catalog.datasets:
            raise dataset_not_found(self._project.id, name, self._project.location)
        return self._catalog.datasets[name]

    def _table(self, request: web.Request) -> CatalogTable | CatalogView:
        dataset, name = self._dataset(request).name, request.match_info["table"]
        full_name = f"{self._project.id}.{dataset}.{name}"
        table = self._catalog.tables.get(full_name) or self._catalog.views.get(full_name)
        if table is None:
            raise table_not_found(self._project.id, dataset, name, self._project.location)
        return table

    def _dataset_head(self, dataset: DatasetSpec) -> Resource:
        return {
            "id": f"{self._project.id}:{dataset.name}",
            "datasetReference": {"projectId": self._project.id, "datasetId": dataset.name},
            "location": self._project.location,
        }

    def _head(self, full_name: str) -> Resource:
        view = self._catalog.views.get(full_name)
        return self._views.head(view) if view else self._table_head(self._catalog.tables[full_name])

    def _table_head(self, table: CatalogTable) -> Resource:
        return {
            "kind": "bigquery#table",
            "id": f"{self._project.id}:{table.spec.dataset}.{table.spec.name}",
            "tableReference": job_resources.table_reference(table),
            "type": "TABLE",
            "creationTime": str(table.parts[0].modified_ms),
        }

    def _field(self, column: ColumnSpec) -> Field:
        field = {**rest_field(column.name, parse_type(column.type)), "description": column.description}
        if column.is_personal:
            field["policyTags"] = {"names": [self._project.policy_tag]}
        return field


def _page(names: list[str], paging: Paging) -> tuple[list[str], dict[str, str]]:
    end = paging.start + paging.size
    return names[paging.start : end], {"nextPageToken": str(end)} if end < len(names) else {}
