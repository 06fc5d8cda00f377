"""Spans, as all of ours are made: inside an item's trace or not at all, and nothing said in them but what was redacted.

An error is told by its kind alone. Its message may repeat what people wrote or what a query reads; the log has it,
redacted, under the same trace id.
"""

from collections.abc import Generator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final

from opentelemetry.context import Context
from opentelemetry.trace import INVALID_SPAN, Span, SpanKind, StatusCode, Tracer, get_current_span, use_span

from bot.logging import redact
from bot.tracing.trace_ids import beginning, trace_id_of
from bot.tracing.tracing import Attributes

LONGEST_TEXT: Final = 200
"""Characters. Ours are ids and names; what an endpoint calls its model is its own affair."""

_item: Final[ContextVar[Span]] = ContextVar("item_span", default=INVALID_SPAN)


class Spans:
    def __init__(self, tracer: Tracer) -> None:
        self._tracer = tracer

    @contextmanager
    def of_item(self, dedupe_key: str, name: str, attributes: Attributes) -> Generator[Span]:
        """The root of an item's trace, or one more root of it on another try."""
        with beginning(trace_id_of(dedupe_key)):
            span = self._tracer.start_span(name, context=Context(), kind=SpanKind.CONSUMER)
        token = _item.set(span)
        try:
            with _entered(span, attributes):
                yield span
        finally:
            _item.reset(token)

    @contextmanager
    def open(self, name: str, attributes: Attributes | None = None, *, calls_out: bool = False) -> Generator[Span]:
        """A span inside the item's; nothing at all where no item is traced.

        Nor where the item is over: what was started beside it and goes on for good is no part of it any more.
        """
        if not _item.get().is_recording():
            yield INVALID_SPAN
            return
        span = self._tracer.start_span(name, kind=SpanKind.CLIENT if calls_out else SpanKind.INTERNAL)
        with _entered(span, attributes or {}):
            yield span

    def passed(self, name: str, *, started: int, ended: int) -> None:
        """A span of something that is over. Times are nanoseconds since 1970."""
        if _item.get().is_recording():
            self._tracer.start_span(name, start_time=started).end(ended)


def tell(span: Span, attributes: Attributes) -> None:
    for name, value in attributes.items():
        if value is not None:
            # Redacted before it is cut: half a key no longer looks like one.
            span.set_attribute(name, redact(value)[:LONGEST_TEXT] if isinstance(value, str) else value)


def tell_item(attributes: Attributes) -> None:
    """Of the item that is being worked on."""
    tell(_item.get(), attributes)


def tell_current(attributes: Attributes) -> None:
    """Of the innermost span, if it is one of ours."""
    if _item.get().is_recording():
        tell(get_current_span(), attributes)


@contextmanager
def _entered(span: Span, attributes: Attributes) -> Generator[None]:
    with use_span(span, end_on_exit=True, record_exception=False, set_status_on_exception=False):
        tell(span, attributes)
        try:
            yield
        except Exception as error:  # seen and passed on: a span says which kind it was
            tell(span, {"error.type": type(error).__name__.lstrip("_")})
            span.set_status(StatusCode.ERROR)
            raise
        except BaseException:  # somebody's Stop or a shutdown: nothing went wrong
            tell(span, {"slackbot.cancelled": True})
            raise
