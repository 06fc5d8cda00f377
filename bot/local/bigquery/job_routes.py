"""jobs.insert, get, list, cancel, query and getQueryResults."""

import asyncio
from collections import deque
from typing import Any

from aiohttp import web

from bot.local.bigquery import job_requests, job_resources
from bot.local.bigquery.errors import (
    HTTP_STATUS_OF_REASON,
    BigQueryError,
    bytes_billed_limit_exceeded,
    job_already_exists,
    job_not_found,
    read_only,
    rows_are_gone,
)
from bot.local.bigquery.job_requests import JobRequest
from bot.local.bigquery.jobs import Job, JobRunner
from bot.local.bigquery.paging import Paging, json_body
from bot.local.bigquery.schema import Project
from bot.local.bigquery.statements import SELECT
from bot.local.bigquery.warehouse import Plan

DEFAULT_WAIT_MS = 10_000
"""How long getQueryResults and jobs.query wait when the client does not say."""

MAX_JOBS = 10_000
"""Kept; beyond that the oldest finished one is forgotten."""


class JobRoutes:
    def __init__(self, project: Project, runner: JobRunner) -> None:
        self.jobs: dict[str, Job] = {}
        self.dry_runs: deque[str] = deque(maxlen=MAX_JOBS)
        self.accuracy: job_resources.Accuracy = "PRECISE"
        self._project = project
        self._runner = runner
        self._being_inserted: set[str] = set()

    def routes(self) -> list[web.RouteDef]:
        return [
            web.post("/jobs", self.insert),
            web.get("/jobs", self.list_jobs),
            web.get("/jobs/{job}", self.get),
            web.post("/jobs/{job}/cancel", self.cancel),
            web.post("/queries", self.query),
            web.get("/queries/{job}", self.results),
        ]

    async def insert(self, request: web.Request) -> web.Response:
        asked = job_requests.from_insert(await json_body(request))
        if asked.dry_run:
            self.dry_runs.append(asked.sql)
            plan = await self._runner.plan(asked.sql)
            return web.json_response(job_resources.dry_run(self._project, asked, plan, self.accuracy))
        job = await self._insert(asked)
        return web.json_response(job_resources.job(self._project, job))

    async def list_jobs(self, request: web.Request) -> web.Response:
        paging = Paging.of(request.query)
        states = {state.upper() for state in request.query.getall("stateFilter", [])}
        newest_first = [job for job in reversed(self.jobs.values()) if not states or job.state in states]
        shown = newest_first[paging.start : paging.start + paging.size]
        body: dict[str, Any] = {
            "kind": "bigquery#jobList",
            "jobs": [job_resources.listed_job(self._project, job) for job in shown],
        }
        if paging.start + paging.size < len(newest_first):
            body["nextPageToken"] = str(paging.start + paging.size)
        return web.json_response(body)

    async def get(self, request: web.Request) -> web.Response:
        return web.json_response(job_resources.job(self._project, self._job(request)))

    async def cancel(self, request: web.Request) -> web.Response:
        job = self._job(request)
        await self._runner.stop(job, "User requested cancellation")
        shown = job_resources.job(self._project, job)
        return web.json_response({"kind": "bigquery#jobCancelResponse", "job": shown})

    async def query(self, request: web.Request) -> web.Response:
        body = await json_body(request)
        asked = job_requests.from_query(body)
        paging = Paging.of(body)
        if asked.dry_run:
            self.dry_runs.append(asked.sql)
            plan = await self._runner.plan(asked.sql)
            shown = job_resources.dry_run(self._project, asked, plan, self.accuracy)
            schema = {"fields": [*plan.schema]}
            total = str(plan.bytes_processed)
            return web.json_response(
                {
                    "kind": "bigquery#queryResponse",
                    "jobReference": shown["jobReference"],
                    "jobComplete": True,
                    "schema": schema,
                    "totalBytesProcessed": total,
                }
            )
        job = await self._insert(asked)
        int64_timestamps = bool((body.get("formatOptions") or {}).get("useInt64Timestamp"))
        answer = await self._results(job, paging, int(body.get("timeoutMs", DEFAULT_WAIT_MS)), int64_timestamps)
        return web.json_response({**answer, "kind": "bigquery#queryResponse"})

    async def results(self, request: web.Request) -> web.Response:
        wait_ms = int(request.query.get("timeoutMs", DEFAULT_WAIT_MS))
        int64_timestamps = request.query.get("formatOptions.useInt64Timestamp", "").lower() == "true"
        job = self._job(request)
        return web.json_response(await self._results(job, Paging.of(request.query), wait_ms, int64_timestamps))

    def _job(self, request: web.Request) -> Job:
        job_id = request.match_info["job"]
        if job_id not in self.jobs:
            raise job_not_found(self._project.id, self._project.location, job_id)
        return self.jobs[job_id]

    async def _insert(self, asked: JobRequest) -> Job:
        if asked.job_id in self.jobs or asked.job_id in self._being_inserted:
            raise job_already_exists(self._project.id, self._project.location, asked.job_id)
        # Two inserts of one id at once: the second is told so while the first is still being planned.
        self._being_inserted.add(asked.job_id)
        try:
            plan = await self._runner.plan(asked.sql)
            if plan.statement_type != SELECT:
                raise read_only(plan.statement_type)
            return self._keep(asked, plan)
        finally:
            self._being_inserted.discard(asked.job_id)

    def _keep(self, asked: JobRequest, plan: Plan) -> Job:
        job = Job(asked.job_id, asked.sql, plan, asked.configuration, timeout_ms=asked.timeout_ms)
        if len(self.jobs) >= MAX_JOBS and (old := next((j for j in self.jobs.values() if j.state == "DONE"), None)):
            del self.jobs[old.id]
        self.jobs[job.id] = job
        limit = asked.maximum_bytes_billed
        if limit is not None and plan.bytes_billed > limit:
            job.finish(None, bytes_billed_limit_exceeded(limit, plan.bytes_billed))
        else:
            self._runner.start(job)
        return job

    async def _results(self, job: Job, paging: Paging, wait_ms: int, int64_timestamps: bool) -> job_resources.Resource:
        try:
            async with asyncio.timeout(wait_ms / 1000):
                await job.done.wait()
        except TimeoutError:
            return job_resources.unfinished_results(self._project, job)
        if job.error is not None:
            status = HTTP_STATUS_OF_REASON.get(job.error.reason, 400)
            raise BigQueryError(status, job.error.reason, job.error.message)
        if job.rows is None:
            raise rows_are_gone(self._project.id, job.id)
        page = await asyncio.to_thread(
            job_resources.rows_page, job.rows, paging.start, paging.size, int64_timestamps=int64_timestamps
        )
        return job_resources.results(self._project, job, page)
