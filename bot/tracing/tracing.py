"""What may be traced, and how the daemon is wired where nothing is: every part comes back as it was handed in."""

from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import TypeAlias

from agent.bigquery.warehouse import Warehouse
from agent.llm.completion import Completion
from agent.llm.model import Model
from bot.freshness import Answers
from bot.inbox.runner import Handler, OnBuried
from bot.surface import Presenter

Attribute: TypeAlias = str | bool | int | float | None
"""None: it is not known, and not said."""
Attributes: TypeAlias = Mapping[str, Attribute]


class Tracing:
    """Nothing is traced: OpenTelemetry is not imported, and nothing stands in anybody's way."""

    def handler(self, handler: Handler) -> Handler:
        return handler

    def on_buried(self, on_buried: OnBuried) -> OnBuried:
        return on_buried

    def answers(self, answers: Answers) -> Answers:
        return answers

    def presenter(self, presenter: Presenter) -> Presenter:
        return presenter

    def model(self, model: Model, *, name: str, address: str | None) -> Model:
        """*address*: where it is served; None for OpenAI's own."""
        return model

    def warehouse(self, warehouse: Warehouse) -> Warehouse:
        return warehouse

    def node(self, name: str) -> AbstractContextManager[None]:
        """Entered around each run of a node of the graph."""
        return nullcontext()

    def slack_call(self, method: str) -> AbstractContextManager[None]:
        """Entered around each call of Slack's Web API, its waits and second tries included."""
        return nullcontext()

    def completed(self, completion: Completion) -> None:
        """Told of each completion, inside the call that asked for it."""

    def checkpoint_kept(self, seconds: float) -> None:
        """Told of each read and write of a conversation's memory, once it is done."""
