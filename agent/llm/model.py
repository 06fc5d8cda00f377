"""The language model as the agent sees it: a prompt goes in, a value of the asked-for shape comes out."""

from dataclasses import dataclass
from typing import Protocol, TypeVar

from pydantic import BaseModel, ConfigDict

from agent.errors import ModelError, TurnBudgetSpent
from agent.tokens import estimate_tokens
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

    @property
    def most_tokens(self) -> int:
        """What one request may take: the prompt, by a dear estimate, and the longest reply."""
        return estimate_tokens(self.system) + estimate_tokens(self.user) + self.max_tokens


class Meter:
    """What a turn has spent on model calls so far, failed ones included, and whether it may spend more."""

    def __init__(self, spent: Usage | None = None, *, budget: int | None = None) -> None:
        """*budget* in tokens, both ways; None is no limit."""
        self.usage = spent or Usage()
        self.prompts: dict[str, str] = {}
        """The calls made: the prompt's name to the hash of its constant part."""
        self.turned_away: ModelError | None = None
        """Why a call was not made, or not waited for, that the turn would have had: what it shows may be a part."""
        self._budget = budget

    def admit(self, tokens: int) -> None:
        """Called before every request with the most that it may take. Raises TurnBudgetSpent when that is too much."""
        spent = self.usage.input_tokens + self.usage.output_tokens
        if self._budget is not None and spent + tokens > self._budget:
            raise self.turn_away(TurnBudgetSpent())

    def turn_away(self, error: ModelError) -> ModelError:
        """Remember *error*, for whoever raises it."""
        self.turned_away = error
        return error

    def add(self, *, input_tokens: int, output_tokens: int) -> None:
        spent = self.usage
        self.usage = Usage(spent.calls + 1, spent.input_tokens + input_tokens, spent.output_tokens + output_tokens)


class Model(Protocol):
    """Errors are `agent.errors.ModelError`; nothing of the client library leaves the implementation."""

    async def ask(self, prompt: Prompt, shape: type[ShapeT], meter: Meter) -> ShapeT:
        """Answer *prompt* in *shape*, adding every request made to *meter*, which is asked before each one.

        ModelLoading while the endpoint loads its model, ModelUnavailable when it did not answer in spite of retries,
        ModelUnparsable when it answered with something else, TurnBudgetSpent when *meter* does not admit a request,
        ModelError for what only the operator can mend.
        """
        ...
