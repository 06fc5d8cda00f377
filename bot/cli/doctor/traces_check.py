"""Traces, where a collector is named: is the extra there, and does the collector take what it is sent?"""

import asyncio
from http import HTTPStatus
from typing import Final

import aiohttp

from bot.cli.doctor.finding import Outcome, Skip, fail, ok, warn
from bot.cli.doctor.patient import Patient
from bot.tracing.collector import Collector, TracingMisconfigured, wanted_collector

_EXPORTER: Final = "opentelemetry.exporter.otlp.proto.http"
_TIMEOUT: Final = aiohttp.ClientTimeout(total=10)
_REFUSED: Final = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN})
_WORKS_WITHOUT: Final = "questions are answered all the same"


async def examine_traces(patient: Patient) -> Outcome:
    headers = patient.settings.otel_exporter_otlp_headers
    try:
        collector = wanted_collector(
            patient.settings.otel_exporter_otlp_endpoint,
            headers.get_secret_value() if headers else "",
            patient.machine.environ,
        )
    except TracingMisconfigured as error:
        return fail(str(error).rstrip("."), "Mend it in .env (under systemd: in /etc/slack-bot), then start it again.")
    if collector is None:
        raise Skip("no collector is named")
    if not await asyncio.to_thread(patient.machine.has_module, _EXPORTER):
        return fail(
            "OTEL_EXPORTER_OTLP_ENDPOINT is set, and the extra `otel` is not installed",
            "deploy/install.sh --with otel brings it.",
        )
    return await _send_nothing(collector)


async def _send_nothing(collector: Collector) -> Outcome:
    """A request without a span in it: each collector takes one."""
    url, headers = collector.url, {**collector.headers, "Content-Type": "application/x-protobuf"}
    try:
        async with (
            aiohttp.ClientSession(timeout=_TIMEOUT, trust_env=True) as session,
            session.post(url, headers=headers) as answer,
        ):
            status = answer.status
    except (aiohttp.ClientError, TimeoutError, ValueError):
        return warn(f"nobody answers at {url}: no traces, {_WORKS_WITHOUT}", "See to OTEL_EXPORTER_OTLP_ENDPOINT.")
    if status in _REFUSED:
        return warn(
            f"the collector refuses us ({status}): no traces, {_WORKS_WITHOUT}", "See to OTEL_EXPORTER_OTLP_HEADERS."
        )
    if status >= HTTPStatus.BAD_REQUEST:
        return warn(f"{url} answers {status}: no traces, {_WORKS_WITHOUT}", "Does it take OTLP over HTTP there?")
    return ok(f"{url} takes traces")
