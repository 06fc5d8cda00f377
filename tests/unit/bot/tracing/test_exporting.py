"""From the process to a collector on loopback: what is sent, and what becomes of it where nobody takes it."""

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from opentelemetry import trace
from opentelemetry.trace import ProxyTracerProvider
from structlog.testing import capture_logs

from bot.tracing.collector import Collector, TracingMisconfigured, wanted_collector
from bot.tracing.exporting import exporting
from tests.fakes.collector import FakeCollector

SECONDS = 30.0


@pytest_asyncio.fixture
async def collector() -> AsyncIterator[FakeCollector]:
    async with FakeCollector().serving() as collector:
        yield collector


async def until(look) -> None:
    async with asyncio.timeout(SECONDS):
        while not look():  # noqa: ASYNC110  # what changes is in another thread
            await asyncio.sleep(0.01)


async def test_what_is_left_is_sent_at_the_end_under_the_services_name_and_the_collectors_key(
    collector: FakeCollector, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("OTEL_RESOURCE_ATTRIBUTES", "deployment.environment.name=staging")
    async with exporting(Collector(f"{collector.url}/v1/traces", "X-Key=a%20b, other=c"), version="1.2.3") as tracer:
        for name in ("first", "second"):
            tracer.start_span(name).end()
    assert [span.name for span in collector.spans] == ["first", "second"]
    assert collector.services == {"slack-bot"}
    assert {(sent["x-key"], sent["other"]) for sent in collector.headers} == {("a b", "c")}
    for said in ("1.2.3", "staging"):
        assert said in collector.texts[0]


async def test_opentelemetrys_own_variables_hold(collector: FakeCollector, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("OTEL_SERVICE_NAME", "bolt-of-sales")
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_COMPRESSION", "gzip")
    async with exporting(Collector(f"{collector.url}/v1/traces"), version="") as tracer:
        tracer.start_span("sent").end()
    assert collector.services == {"bolt-of-sales"}
    assert collector.headers[0]["Content-Encoding"] == "gzip"


async def test_a_collector_that_refuses_is_told_once_and_once_more_when_it_takes_spans_again(
    collector: FakeCollector, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("OTEL_BSP_SCHEDULE_DELAY", "10")  # milliseconds
    collector.status = 400  # for good: what is passing is tried again by the exporter itself
    with capture_logs() as lines:
        async with exporting(Collector(f"{collector.url}/v1/traces"), version="") as tracer:
            for refused in (1, 2):
                tracer.start_span("lost").end()
                await until(lambda refused=refused: len(collector.headers) >= refused)
            collector.status = 200
            tracer.start_span("found").end()
            await until(lambda: collector.spans)
    assert [span.name for span in collector.spans] == ["found"]
    assert [line["event"] for line in lines] == ["traces.not_exported", "traces.exported_again"]
    assert lines[1]["lost"] == 2


async def test_nobody_waits_for_a_collector_that_is_not_there(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_TIMEOUT", "600")  # seconds that it would try
    with capture_logs() as lines:
        async with exporting(Collector("http://127.0.0.1:9/v1/traces"), version="", flush_seconds=0.05) as tracer:
            for _ in range(5000):  # more than the queue holds
                tracer.start_span("lost").end()
    assert "traces.not_flushed" in [line["event"] for line in lines]


async def test_a_library_that_looks_for_the_process_tracer_finds_none(collector: FakeCollector):
    async with exporting(Collector(f"{collector.url}/v1/traces"), version=""):
        assert isinstance(trace.get_tracer_provider(), ProxyTracerProvider)
        assert not trace.get_tracer("google.cloud.bigquery").start_span("of a library").is_recording()


@pytest.mark.parametrize(
    ("endpoint", "environ", "expected"),
    [
        (None, {}, None),
        ("http://c:4318", {}, "http://c:4318/v1/traces"),
        ("http://c:4318/otlp/", {"OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf"}, "http://c:4318/otlp/v1/traces"),
        ("http://c:4318", {"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://t/own/path"}, "http://t/own/path"),
        (None, {"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://t/own/path"}, "http://t/own/path"),
        ("http://c:4318", {"OTEL_SDK_DISABLED": "True"}, None),
        ("http://c:4318", {"OTEL_TRACES_EXPORTER": "none"}, None),
    ],
)
def test_traces_are_on_where_a_collector_is_named(endpoint: str | None, environ: dict[str, str], expected: str | None):
    found = wanted_collector(endpoint, "", environ)
    assert (found.url if found else None) == expected


@pytest.mark.parametrize(
    ("endpoint", "headers", "environ", "said"),
    [
        ("http://c:4317", "", {"OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"}, "_PROTOCOL is wrong: .* http/protobuf"),
        ("localhost:4318", "", {}, "_ENDPOINT is wrong: .* http://"),
        ("http://c:4318", "shapeless-key", {}, "_HEADERS is wrong: .* `name=value`"),
    ],
)
def test_what_cannot_work_is_refused_by_its_name_in_one_sentence(
    endpoint: str, headers: str, environ: dict[str, str], said: str
):
    with pytest.raises(TracingMisconfigured, match=f"OTEL_EXPORTER_OTLP{said}") as refused:
        wanted_collector(endpoint, headers, environ)
    assert "shapeless" not in str(refused.value)
