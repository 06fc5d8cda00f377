"""The language model as the agent sees it: a prompt goes in, a value of the asked-for shape comes out."""

from dataclasses import dataclass
from typing import Protocol, TypeVar

from pydantic import BaseModel, ConfigDict

from agent.turn import Usage


class Shape(BaseModel):
    """What a call must answer with. Fields carry no defaults: strict json_schema wants every one of them required."""

    model_config = ConfigDict(extra="forbid", frozen=True)


ShapeT = TypeVar("ShapeT", bound=Shape)


@dataclass(frozen=True, slots=True)
class Prompt:
    """One model call. `system` is the constant part: byte-identical over calls, so that a prefix cache holds it."""

    name: str
    """Which call this is, for logs and scripted models: the name of its file in agent/prompts."""
    system: str
    user: str
    max_tokens: int
    temperature: float = 0.0
    """Above 0 only for a try after a failed one: at 0 a model writes the same mistake again."""


class Meter:
    """What a turn has spent on model calls so far; failed calls count as well."""

    def __init__(self, spent: Usage | None = None) -> None:
        self.usage = spent or Usage()

    def add(self, *, input_tokens: int, output_tokens: int) -> None:
        spent = self.usage
        self.usage = Usage(spent.calls + 1, spent.input_tokens + input_tokens, spent.output_tokens + output_tokens)


class Model(Protocol):
    """Errors are `agent.errors.ModelError`; nothing of the client library leaves the implementation."""

    async def ask(self, prompt: Prompt, shape: type[ShapeT], meter: Meter) -> ShapeT:
        """Answer *prompt* in *shape*, adding every request made to *meter*.

        ModelLoading while the endpoint loads its model, ModelUnavailable when it did not answer in spite of retries,
        ModelUnparsable when it answered with something else, ModelError for what only the operator can mend.
        """
        ...
