"""A BigQuery on this machine: the REST API that the genuine google-cloud-bigquery client speaks.

async with LocalBigQuery(cache_dir).serving() as bigquery:
    write_credentials(path)
    ...  # BIGQUERY_API_ENDPOINT=bigquery.url
"""

import asyncio
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import structlog
from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from agent.sql.googlesql.thread import EngineThread
from bot.local.bigquery.credentials import check_token
from bot.local.bigquery.demo.shop import demo_project
from bot.local.bigquery.errors import BigQueryError
from bot.local.bigquery.job_resources import Accuracy
from bot.local.bigquery.job_routes import JobRoutes
from bot.local.bigquery.jobs import Job, JobRunner
from bot.local.bigquery.schema import Project
from bot.local.bigquery.table_routes import TableRoutes
from bot.local.bigquery.warehouse import LocalWarehouse

log = structlog.get_logger(__name__)

_PREFIX = "/bigquery/v2/projects/{project}"
_MAX_BODY_BYTES = 16 << 20
_ENGINE_MEMORY_MB = 2048


class LocalBigQuery:
    """The demo shop, or *project*. Its jobs outlive every client, and end with the service."""

    def __init__(self, cache_dir: Path, *, project: Project | None = None, delay_seconds: float = 0.0) -> None:
        self._cache_dir = cache_dir
        self._project = project
        self._delay_seconds = delay_seconds
        self._url: str | None = None
        self._runner: JobRunner | None = None
        self._job_routes: JobRoutes | None = None
        self._table_routes: TableRoutes | None = None

    @property
    def url(self) -> str:
        """The API endpoint, without a slash at its end."""
        assert self._url is not None, "not serving"
        return self._url

    @property
    def jobs(self) -> Mapping[str, Job]:
        """Every job that was inserted, by its id, oldest first."""
        assert self._job_routes is not None, "not serving"
        return self._job_routes.jobs

    @property
    def dry_runs(self) -> Sequence[str]:
        """The statements that were only to be priced, oldest first."""
        assert self._job_routes is not None, "not serving"
        return tuple(self._job_routes.dry_runs)

    def be_accurate(self, accuracy: Accuracy) -> None:
        """What dry runs say of their bytes from now on; the bytes stay what they are."""
        assert self._job_routes is not None, "not serving"
        self._job_routes.accuracy = accuracy

    def touch(self, table: str) -> None:
        """From now on `project.dataset.table` says that it was modified this very moment; its rows stay."""
        assert self._table_routes is not None, "not serving"
        self._table_routes.touch(table)

    @property
    def delay_seconds(self) -> float:
        """How much longer each job takes than it needs to. May be set at any time."""
        return self._delay_seconds

    @delay_seconds.setter
    def delay_seconds(self, seconds: float) -> None:
        self._delay_seconds = seconds
        if self._runner is not None:
            self._runner.delay_seconds = seconds

    @asynccontextmanager
    async def serving(self, port: int = 0, *, host: str = "127.0.0.1") -> AsyncGenerator["LocalBigQuery"]:
        """Serve on *port*, 0 for a free one. Compiles the engine first where it is not compiled yet."""
        project = self._project or await asyncio.to_thread(demo_project)
        warehouse = await asyncio.to_thread(LocalWarehouse, project)
        engine = EngineThread(self._cache_dir, memory_mb=_ENGINE_MEMORY_MB, on_restart=warehouse.on_restart)
        async with engine:
            await engine.run(warehouse.open)
            self._runner = JobRunner(engine, warehouse, delay_seconds=self._delay_seconds)
            self._job_routes = JobRoutes(project, self._runner)
            self._table_routes = TableRoutes(warehouse.catalog, self._runner)
            application = self._application(project, [*self._job_routes.routes(), *self._table_routes.routes()])
            try:
                async with _listening(application, host, port) as url:
                    self._url = url
                    log.info("local_bigquery.serving", url=url, project=project.id)
                    yield self
            finally:
                self._url = None
                await self._runner.close()

    def _application(self, project: Project, routes: list[web.RouteDef]) -> web.Application:
        application = web.Application(
            middlewares=[_errors_as_json, _only_with_token, _only_project(project.id)],
            client_max_size=_MAX_BODY_BYTES,
        )
        application.add_routes([web.route(route.method, _PREFIX + route.path, route.handler) for route in routes])
        return application


@web.middleware
async def _only_with_token(request: web.Request, handler: Handler) -> web.StreamResponse:
    check_token(request)
    return await handler(request)


@asynccontextmanager
async def _listening(application: web.Application, host: str, port: int) -> AsyncGenerator[str]:
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=1)
    await runner.setup()
    try:
        site = web.TCPSite(runner, host, port)
        await site.start()
        bound_host, bound_port = runner.addresses[0][:2]
        yield f"http://{bound_host}:{bound_port}"
    finally:
        await runner.cleanup()


@web.middleware
async def _errors_as_json(request: web.Request, handler: Handler) -> web.StreamResponse:
    try:
        return await handler(request)
    except BigQueryError as error:
        return web.json_response(error.body(), status=error.status)
    except web.HTTPException as error:
        reason = {404: "notFound", 405: "httpMethodNotAllowed"}.get(error.status, "invalid")
        refused = BigQueryError(error.status, reason, f"{error.reason}: {request.method} {request.path}")
        return web.json_response(refused.body(), status=error.status)
    except Exception:
        log.exception("local_bigquery.request_crashed", method=request.method, path=request.path)
        crashed = BigQueryError(500, "backendError", "An internal error occurred.")
        return web.json_response(crashed.body(), status=500)


def _only_project(project_id: str) -> Middleware:
    @web.middleware
    async def only_project(request: web.Request, handler: Handler) -> web.StreamResponse:
        asked = request.match_info.get("project", project_id)
        if asked != project_id:
            raise BigQueryError(404, "notFound", f"Not found: Project {asked}")
        return await handler(request)

    return only_project
