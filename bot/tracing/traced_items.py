"""What the workers do, traced: each try at an item, and the last word to a person where nobody will try again."""

from contextlib import AbstractContextManager, nullcontext
from typing import Final

import structlog
from opentelemetry.trace import Span, format_trace_id

from bot.inbox.attempt import Attempt
from bot.inbox.items import Item, TurnRequested
from bot.inbox.runner import Handler, OnBuried
from bot.tracing.spans import Spans
from bot.tracing.tracing import Attributes

GIVE_UP: Final = "give_up"


class TracedHandler:
    """A `Handler`."""

    def __init__(self, handler: Handler, spans: Spans) -> None:
        self._handler = handler
        self._spans = spans

    async def __call__(self, attempt: Attempt) -> None:
        item = attempt.item
        told = {**_told_of(item), "slackbot.item.attempt": attempt.claim.attempt}
        with self._spans.of_item(item.dedupe_key, item.kind, told) as span, _in_the_log(span):
            await self._handler(attempt)


class TracedOnBuried:
    """An `OnBuried`."""

    def __init__(self, on_buried: OnBuried, spans: Spans) -> None:
        self._on_buried = on_buried
        self._spans = spans

    async def __call__(self, item: Item, error: Exception) -> None:
        told = {**_told_of(item), "slackbot.item.gave_up_on": type(error).__name__}
        with self._spans.of_item(item.dedupe_key, GIVE_UP, told) as span, _in_the_log(span):
            await self._on_buried(item, error)


def _told_of(item: Item) -> Attributes:
    fields = item.log_fields
    return {
        "slackbot.item.id": item.dedupe_key,
        "slackbot.item.kind": item.kind,
        "slackbot.turn.id": fields.get("turn"),
        "slackbot.approval.id": fields.get("approval"),
        "slackbot.turn.surface": item.surface if isinstance(item, TurnRequested) else None,
        "gen_ai.conversation.id": item.conversation,
    }


def _in_the_log(span: Span) -> AbstractContextManager[None]:
    """Lines that are logged meanwhile name the trace, where there is one: a sampler may have left it out."""
    if not span.is_recording():
        return nullcontext()
    return structlog.contextvars.bound_contextvars(trace_id=format_trace_id(span.get_span_context().trace_id))
