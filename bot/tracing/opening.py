"""Traces, opened where a collector is named: only then the extra has to be there, and only then it is imported."""

import asyncio
import importlib
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from bot.tracing.collector import Collector, TracingMisconfigured
from bot.tracing.tracing import Tracing


@asynccontextmanager
async def open_tracing(collector: Collector | None, *, version: str) -> AsyncGenerator[Tracing]:
    """What is left to send is sent when this ends, for three seconds at most. Raises TracingMisconfigured."""
    if collector is None:
        yield Tracing()
        return
    try:  # by name and off the loop: half a second of imports
        for module in ("bot.tracing.exporting", "bot.tracing.otel_tracing"):
            await asyncio.to_thread(importlib.import_module, module)
    except ModuleNotFoundError as error:
        raise TracingMisconfigured(
            "OTEL_EXPORTER_OTLP_ENDPOINT needs the extra `otel`, which is not installed:"
            f" there is no module {error.name}. `deploy/install.sh --with otel` brings it."
        ) from None
    from bot.tracing.exporting import exporting  # noqa: PLC0415 (the extra is there)
    from bot.tracing.otel_tracing import OtelTracing  # noqa: PLC0415

    async with exporting(collector, version=version) as tracer:
        yield OtelTracing(tracer)
