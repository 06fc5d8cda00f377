"""The part of the composition root that counts, traces, answers the health port, and watches for outages."""

import asyncio
import os
import socket
from contextlib import AsyncExitStack
from zoneinfo import ZoneInfo

import structlog

from bot.downtime import DowntimeBook, tell_when_back
from bot.health import HealthPortTaken, serve_health
from bot.kept_work import keep
from bot.metrics.budget_gauges import BudgetGauges
from bot.metrics.instruments import CONTENT_TYPE
from bot.metrics.meters import Meters
from bot.noticeboard import Noticeboard
from bot.open_analyst import now
from bot.outages.announcer import Announcer
from bot.outages.budget_watch import BudgetWatch
from bot.outages.conditions import What
from bot.outages.database_look import DatabaseLook
from bot.outages.watch import OutageWatch
from bot.settings import ConfigurationError, Settings
from bot.storage.budget_book import PostgresBudgetBook
from bot.storage.database import Database
from bot.storage.outages import PostgresOutageBook
from bot.storage.queue_depth import queue_depth
from bot.tracing.collector import TracingMisconfigured, wanted_collector
from bot.tracing.opening import open_tracing
from bot.tracing.tracing import Tracing
from bot.version import running_version
from bot.vitals import VitalSigns

log = structlog.get_logger(__name__)


async def open_meters(stack: AsyncExitStack, settings: Settings, vitals: VitalSigns) -> Meters:
    """First of all, so that a daemon which starts slowly is seen to live, and not to be ready."""
    version = await asyncio.to_thread(running_version)
    meters = Meters(vitals, version=str(version))
    keep(stack, "loop-lag", meters.watch_loop())
    if settings.health_port is not None:
        serving = serve_health(settings.health_port, vitals.read, meters.instruments.render, CONTENT_TYPE)
        try:
            await stack.enter_async_context(serving)
        except HealthPortTaken as error:  # who looks at it is told by its silence; people are answered all the same
            log.error("health.port_taken", reason=str(error))
    return meters


async def open_traces(stack: AsyncExitStack, settings: Settings) -> Tracing:
    """Early, so that what is traced last is still sent when everything else is closed. Raises ConfigurationError."""
    headers = settings.otel_exporter_otlp_headers
    endpoint = settings.otel_exporter_otlp_endpoint
    try:
        collector = wanted_collector(endpoint, headers.get_secret_value() if headers else "", os.environ)
        version = await asyncio.to_thread(running_version)
        return await stack.enter_async_context(open_tracing(collector, version=str(version)))
    except TracingMisconfigured as error:
        raise ConfigurationError(str(error)) from None


def watch_outages(
    stack: AsyncExitStack,
    settings: Settings,
    *,
    vitals: VitalSigns,
    meters: Meters,
    database: Database,
    board: Noticeboard,
) -> None:
    meters.pool(lambda: database.connections_in_use, lambda: database.connections_idle)
    book = PostgresOutageBook(database)
    announcer = Announcer(book, board, host=socket.gethostname(), now=now)
    watch = OutageWatch(
        vitals=vitals,
        database=DatabaseLook(lambda: queue_depth(database)),
        model_failures=lambda: meters.model_failures.failures,
        bigquery_failures=lambda: meters.warehouse_failures.failures,
        on_change=announcer.changed,
    )
    meters.degraded(watch.degraded, known=What)
    budgets = BudgetWatch(
        PostgresBudgetBook(database, ZoneInfo(settings.budget_time_zone)),
        book,
        board,
        on_look=BudgetGauges(meters.instruments).show,
    )
    keep(stack, "outage-watch", watch.run())
    keep(stack, "outage-announcer", announcer.run())
    keep(stack, "budget-watch", budgets.run())
    told = DowntimeBook(settings.state_dir / "downtime")
    keep(stack, "downtime", tell_when_back(told, board, vitals.read, host=socket.gethostname(), now=now))
