"""Query jobs: each is run in the background, belongs to no connection, and stays until it is asked for."""

import asyncio
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal

import structlog

from agent.sql.googlesql.engine import Engine
from agent.sql.googlesql.thread import EngineThread
from bot.local.bigquery.errors import BigQueryError, job_stopped
from bot.local.bigquery.warehouse import LocalWarehouse, Plan, Rows

log = structlog.get_logger(__name__)


def _now_ms() -> int:
    return int(datetime.now(UTC).timestamp() * 1000)


@dataclass(slots=True, eq=False)
class Job:
    id: str
    sql: str
    plan: Plan
    configuration: Mapping[str, Any]
    """As the client sent it: labels, caps and all."""
    timeout_ms: int | None = None
    state: Literal["PENDING", "RUNNING", "DONE"] = "PENDING"
    error: BigQueryError | None = None
    rows: Rows | None = None
    created_ms: int = field(default_factory=_now_ms)
    started_ms: int | None = None
    ended_ms: int | None = None
    stopped_because: str | None = None
    """Set once somebody or something asked the job to end early."""
    stop_asked: asyncio.Event = field(default_factory=asyncio.Event)
    done: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def bytes_billed(self) -> int:
        return self.plan.bytes_billed if self.state == "DONE" and self.error is None else 0

    def finish(self, rows: Rows | None, error: BigQueryError | None) -> None:
        self.rows, self.error = rows, error
        self.state, self.ended_ms = "DONE", _now_ms()
        self.started_ms = self.started_ms or self.ended_ms
        self.done.set()


class JobRunner:
    """Runs jobs one after another on the engine's thread. `delay_seconds` makes each take that much longer."""

    def __init__(self, engine: EngineThread, warehouse: LocalWarehouse, *, delay_seconds: float = 0.0) -> None:
        self.delay_seconds = delay_seconds
        self._engine = engine
        self._warehouse = warehouse
        self._tasks: set[asyncio.Task[None]] = set()
        self._lock = threading.Lock()
        self._on_engine: tuple[Job, Engine] | None = None

    async def plan(self, sql: str) -> Plan:
        """What *sql* is and costs. Raises BigQueryError."""
        return await self._engine.run(lambda engine: self._warehouse.plan(engine, sql))

    async def read(self, plan: Plan) -> Rows:
        """Run without a job, as reading a table's rows does."""
        return await self._engine.run(lambda engine: self._warehouse.run(engine, plan))

    def start(self, job: Job) -> None:
        task = asyncio.create_task(self._run(job), name=f"bigquery-job-{job.id}")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def stop(self, job: Job, because: str) -> None:
        """End *job* early; a finished one stays as it is."""
        if job.stopped_because is None and job.state != "DONE":
            job.stopped_because = because
            job.stop_asked.set()
            await asyncio.to_thread(self._interrupt, job)

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _run(self, job: Job) -> None:
        job.state, job.started_ms = "RUNNING", _now_ms()
        alarm = asyncio.create_task(self._time_out(job), name=f"bigquery-timeout-{job.id}")
        try:
            await self._delay(job)
            rows = await self._engine.run(lambda engine: self._execute(engine, job))
        except BigQueryError as error:
            # An interrupted engine says what a person asked for; the job knows whether it was a person.
            stopped = job_stopped(job.stopped_because) if job.stopped_because else None
            job.finish(None, stopped or error)
        except Exception:
            log.exception("local_bigquery.job_crashed", job_id=job.id)
            job.finish(None, BigQueryError(500, "backendError", "An internal error occurred."))
        else:
            job.finish(rows, None)
        finally:
            alarm.cancel()
        log.info("local_bigquery.job_done", job_id=job.id, reason=job.error.reason if job.error else None)

    async def _delay(self, job: Job) -> None:
        try:
            async with asyncio.timeout(self.delay_seconds):
                await job.stop_asked.wait()
        except TimeoutError:
            pass

    async def _time_out(self, job: Job) -> None:
        if job.timeout_ms is not None:
            await asyncio.sleep(job.timeout_ms / 1000)
            await self.stop(job, f"Job timed out after {job.timeout_ms / 1000:g}s")

    def _execute(self, engine: Engine, job: Job) -> Rows:
        # Whose calls the engine takes changes only under the lock: an interrupt for this job never hits the next one.
        with self._lock:
            if job.stopped_because:
                raise job_stopped(job.stopped_because)
            self._on_engine = (job, engine)
        try:
            return self._warehouse.run(engine, job.plan)
        finally:
            with self._lock:
                self._on_engine = None
                engine.resume()

    def _interrupt(self, job: Job) -> None:
        with self._lock:
            if self._on_engine is not None and self._on_engine[0] is job:
                self._on_engine[1].interrupt()
