"""From the process to the collector: in batches, by a thread of OpenTelemetry's, and never at anybody's expense.

Its queue is bounded (2,048 spans, OTEL_BSP_MAX_QUEUE_SIZE) and drops the oldest. What the standard variables say holds;
only address and headers are handed in, for .env and systemd's credentials may hold them.
"""

import asyncio
import contextlib
import logging
import socket
import threading
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from typing import Final

import structlog
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import OTELResourceDetector, Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.trace import Tracer

from bot.tracing.collector import Collector
from bot.tracing.trace_ids import ItemTraceIds

log = structlog.get_logger(__name__)

FLUSH_SECONDS: Final = 3.0
"""How long the end of the process waits for a collector."""


@asynccontextmanager
async def exporting(
    collector: Collector, *, version: str, flush_seconds: float = FLUSH_SECONDS
) -> AsyncGenerator[Tracer]:
    """A tracer that nobody else knows: a library that looks for the process' own one finds none, and stays mute."""
    exporter = await asyncio.to_thread(_exporter, collector)
    provider = await asyncio.to_thread(_provider, exporter, version)
    try:
        yield provider.get_tracer("bot", version)
    finally:
        await _flush(provider, exporter, flush_seconds)


def _exporter(collector: Collector) -> "TellingExporter":
    """It reads certificates: off the loop."""
    # Its loggers tell every failed batch, and repeat headers that they cannot read: `TellingExporter` tells it once.
    logging.getLogger("opentelemetry").setLevel(logging.CRITICAL)
    return TellingExporter(OTLPSpanExporter(collector.url, headers=collector.headers or None))


def _provider(exporter: "TellingExporter", version: str) -> TracerProvider:
    """It waits for threads that look at the machine: off the loop."""
    ours = {"service.name": "slack-bot", "service.version": version, "host.name": socket.gethostname()}
    resource = Resource.create(ours).merge(OTELResourceDetector().detect())
    provider = TracerProvider(resource=resource, id_generator=ItemTraceIds(), shutdown_on_exit=False)
    provider.add_span_processor(BatchSpanProcessor(exporter))
    return provider


class TellingExporter(SpanExporter):
    """Another's, in the batches' thread; the log is told when the collector is lost, and when it is found again."""

    def __init__(self, exporter: SpanExporter) -> None:
        self._exporter = exporter
        self._lost = 0

    @property
    def is_heard(self) -> bool:
        return self._lost == 0

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        result = self._exporter.export(spans)
        if result is not SpanExportResult.SUCCESS:
            if not self._lost:
                log.warning("traces.not_exported", spans=len(spans))
            self._lost += len(spans)
        elif self._lost:
            log.info("traces.exported_again", lost=self._lost)
            self._lost = 0
        return result

    def shutdown(self) -> None:
        self._exporter.shutdown()

    def force_flush(self, timeout_millis: int = 30_000) -> bool:
        return self._exporter.force_flush(timeout_millis)


async def _flush(provider: TracerProvider, exporter: TellingExporter, seconds: float) -> None:
    """By a thread that nobody waits for beyond the deadline: the loop's own ones are waited for at its end."""
    if not exporter.is_heard:
        exporter.shutdown()
    loop, is_done = asyncio.get_running_loop(), asyncio.Event()

    def shut_down() -> None:
        provider.shutdown()
        with contextlib.suppress(RuntimeError):  # the loop is closed by now
            loop.call_soon_threadsafe(is_done.set)

    threading.Thread(target=shut_down, name="traces-flush", daemon=True).start()
    try:
        async with asyncio.timeout(seconds):
            await is_done.wait()
    except TimeoutError:
        log.warning("traces.not_flushed", seconds=seconds)
        exporter.shutdown()  # it is between two tries
