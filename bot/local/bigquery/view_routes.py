"""tables.insert, patch and delete, of views: nothing else may be made here. And views as the REST API shows them."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, cast

from aiohttp import web

from bot.local.bigquery.catalog import Catalog, CatalogView
from bot.local.bigquery.errors import (
    BigQueryError,
    dataset_not_found,
    invalid_query,
    read_only,
    table_already_exists,
    table_not_found,
)
from bot.local.bigquery.jobs import JobRunner
from bot.local.bigquery.paging import json_body
from bot.local.bigquery.schema import ViewSpec
from bot.local.bigquery.statements import SELECT

Resource = dict[str, Any]


class ViewRoutes:
    def __init__(self, catalog: Catalog, runner: JobRunner) -> None:
        self._catalog = catalog
        self._project = catalog.project
        self._runner = runner

    def routes(self) -> list[web.RouteDef]:
        return [
            web.post("/datasets/{dataset}/tables", self.insert),
            web.patch("/datasets/{dataset}/tables/{table}", self.patch),
            web.delete("/datasets/{dataset}/tables/{table}", self.delete),
        ]

    async def insert(self, request: web.Request) -> web.Response:
        dataset = request.match_info["dataset"]
        if dataset not in self._catalog.datasets:
            raise dataset_not_found(self._project.id, dataset, self._project.location)
        body = await json_body(request)
        reference: Mapping[str, Any] = body.get("tableReference") or {}
        name = str(reference.get("tableId") or "")
        if not name:
            raise BigQueryError(400, "required", "Required parameter is missing: tableId")
        if self._catalog.find(dataset, name) is not None:
            raise table_already_exists(self._project.id, dataset, name)
        spec = ViewSpec(dataset, name, _query_of(body), str(body.get("description") or ""))
        return web.json_response(await self._put(spec))

    async def patch(self, request: web.Request) -> web.Response:
        view = self._view(request)
        body = await json_body(request)
        query = _query_of(body) if "view" in body else view.spec.query
        description = str(body.get("description", view.spec.description) or "")
        return web.json_response(await self._put(replace(view.spec, query=query, description=description)))

    async def delete(self, request: web.Request) -> web.Response:
        del self._catalog.views[self._view(request).full_name]
        return web.Response(status=204)

    async def resource(self, view: CatalogView) -> Resource:
        """As tables.get tells it. Its columns are its query's, and carry no policy tags: BigQuery's do not either."""
        plan = await self._runner.plan(view.spec.query)
        return {
            **self.head(view),
            "view": {"query": view.spec.query, "useLegacySql": False},
            "description": view.spec.description,
            "schema": {"fields": list(plan.schema)},
            "numRows": "0",
            "numBytes": "0",
            "lastModifiedTime": str(view.modified_ms),
            "location": self._project.location,
        }

    def head(self, view: CatalogView) -> Resource:
        """As tables.list tells it."""
        dataset, name = view.spec.dataset, view.spec.name
        return {
            "kind": "bigquery#table",
            "id": f"{self._project.id}:{dataset}.{name}",
            "tableReference": {"projectId": self._project.id, "datasetId": dataset, "tableId": name},
            "type": "VIEW",
            "view": {"useLegacySql": False},
            "creationTime": str(view.created_ms),
        }

    async def _put(self, spec: ViewSpec) -> Resource:
        """Raises BigQueryError for a query that would not run now."""
        if (await self._runner.plan(spec.query)).statement_type != SELECT:
            raise invalid_query("View query must be a SELECT statement.")
        return await self.resource(self._catalog.put_view(spec))

    def _view(self, request: web.Request) -> CatalogView:
        dataset, name = request.match_info["dataset"], request.match_info["table"]
        if dataset not in self._catalog.datasets:
            raise dataset_not_found(self._project.id, dataset, self._project.location)
        found = self._catalog.find(dataset, name)
        if found is None:
            raise table_not_found(self._project.id, dataset, name, self._project.location)
        if not isinstance(found, CatalogView):
            raise read_only("TABLE")
        return found


def _query_of(body: Mapping[str, Any]) -> str:
    view = body.get("view")
    if not isinstance(view, dict):
        raise read_only("CREATE_TABLE")
    described = cast(Mapping[str, Any], view)
    if described.get("useLegacySql", True):  # the API's own default
        raise BigQueryError(400, "notImplemented", "This local BigQuery does not speak legacy SQL.")
    return str(described.get("query") or "")
