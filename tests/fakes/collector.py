"""An OpenTelemetry collector on loopback that remembers what it was sent: OTLP/HTTP, protobuf."""

from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from json import dumps
from typing import Any

from aiohttp import web
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)
from opentelemetry.proto.trace.v1.trace_pb2 import Span as SpanMessage


@dataclass(frozen=True, slots=True)
class SentSpan:
    name: str
    trace_id: str
    span_id: str
    parent_id: str
    """Empty for a root."""
    kind: str
    """INTERNAL, CLIENT, CONSUMER, ..."""
    is_error: bool
    attributes: Mapping[str, Any]
    started: int
    ended: int
    """Nanoseconds."""


class FakeCollector:
    def __init__(self) -> None:
        self.url = ""
        self.spans: list[SentSpan] = []
        self.services: set[str] = set()
        self.headers: list[Mapping[str, str]] = []
        self.texts: list[str] = []
        """Every request, whole: what it says anywhere."""
        self.status = 200
        """Of the next answers. One that refuses repeats the headers it was sent, keys and all."""

    @asynccontextmanager
    async def serving(self) -> AsyncGenerator["FakeCollector"]:
        app = web.Application()
        app.router.add_post("/v1/traces", self._take)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        self.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        try:
            yield self
        finally:
            await runner.cleanup()

    def named(self, name: str) -> list[SentSpan]:
        return [span for span in self.spans if span.name == name]

    def below(self, parent: SentSpan) -> list[SentSpan]:
        """Its own children, in the order in which they began."""
        return sorted((span for span in self.spans if span.parent_id == parent.span_id), key=lambda span: span.started)

    async def _take(self, request: web.Request) -> web.Response:
        self.headers.append(dict(request.headers))
        body = await request.read()
        if self.status != 200:
            said = dumps(self.headers[-1])
            return web.Response(status=self.status, reason=said, text=said)
        message = ExportTraceServiceRequest()
        message.ParseFromString(body)
        self.texts.append(str(message))
        for resource in message.resource_spans:
            self.services.add(_attributes(resource.resource.attributes)["service.name"])
            self.spans += [_read(span) for scope in resource.scope_spans for span in scope.spans]
        body = ExportTraceServiceResponse().SerializeToString()
        return web.Response(body=body, content_type="application/x-protobuf")


def _read(span: SpanMessage) -> SentSpan:
    return SentSpan(
        span.name,
        span.trace_id.hex(),
        span.span_id.hex(),
        span.parent_span_id.hex(),
        SpanMessage.SpanKind.Name(span.kind).removeprefix("SPAN_KIND_"),
        span.status.code == 2,
        _attributes(span.attributes),
        span.start_time_unix_nano,
        span.end_time_unix_nano,
    )


def _attributes(pairs: Any) -> dict[str, Any]:
    return {pair.key: getattr(pair.value, pair.value.WhichOneof("value")) for pair in pairs}
