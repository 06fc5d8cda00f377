"""The daemon as it is wired where traces are on: one decorator around each Protocol, so that features stay clean."""

import time
from collections.abc import Generator
from contextlib import contextmanager

from opentelemetry.trace import Tracer

from agent.bigquery.warehouse import Warehouse
from agent.llm.completion import Completion
from agent.llm.model import Model
from bot.freshness import Answers
from bot.inbox.runner import Handler, OnBuried
from bot.surface import Presenter
from bot.tracing.spans import Spans
from bot.tracing.traced_answers import TracedAnswers
from bot.tracing.traced_items import TracedHandler, TracedOnBuried
from bot.tracing.traced_model import TracedModel, tell_completion
from bot.tracing.traced_presenter import TracedPresenter
from bot.tracing.traced_warehouse import TracedWarehouse
from bot.tracing.tracing import Tracing


class OtelTracing(Tracing):
    def __init__(self, tracer: Tracer) -> None:
        self._spans = Spans(tracer)

    def handler(self, handler: Handler) -> TracedHandler:
        return TracedHandler(handler, self._spans)

    def on_buried(self, on_buried: OnBuried) -> TracedOnBuried:
        return TracedOnBuried(on_buried, self._spans)

    def answers(self, answers: Answers) -> TracedAnswers:
        return TracedAnswers(answers, self._spans)

    def presenter(self, presenter: Presenter) -> TracedPresenter:
        return TracedPresenter(presenter, self._spans)

    def model(self, model: Model, *, name: str, address: str | None) -> TracedModel:
        return TracedModel(model, self._spans, name=name, address=address)

    def warehouse(self, warehouse: Warehouse) -> TracedWarehouse:
        return TracedWarehouse(warehouse, self._spans)

    @contextmanager
    def node(self, name: str) -> Generator[None]:
        with self._spans.open(name):
            yield

    @contextmanager
    def slack_call(self, method: str) -> Generator[None]:
        with self._spans.open(f"slack {method}", {"slackbot.slack.method": method}, calls_out=True):
            yield

    def completed(self, completion: Completion) -> None:
        tell_completion(completion)

    def checkpoint_kept(self, seconds: float) -> None:
        ended = time.time_ns()
        self._spans.passed("checkpoint", started=ended - int(seconds * 1e9), ended=ended)
