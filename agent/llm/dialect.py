"""What an OpenAI-compatible endpoint understands: asked for everything at first, less each time it says no.

Endpoints differ: reasoning models refuse `max_tokens` and `temperature`, some servers refuse bounds in a strict schema,
older ones know `json_object` only. The refusal (400, naming the parameter) is the only reliable announcement.
"""

from dataclasses import dataclass, replace
from typing import Any, Literal, TypeAlias

from agent.llm.model import Prompt, Shape

ResponseFormat: TypeAlias = Literal["bounded_schema", "schema", "json_object", "words"]

_WEAKER: dict[ResponseFormat, ResponseFormat] = {
    "bounded_schema": "schema",
    "schema": "json_object",
    "json_object": "words",
}
_BOUNDS = frozenset({"maxLength", "minLength", "maximum", "minimum", "maxItems"})
REASONING_ALLOWANCE = 4000
"""Tokens a reasoning model may think before it writes: they count against `max_completion_tokens`."""


@dataclass(frozen=True, slots=True)
class Dialect:
    response_format: ResponseFormat = "bounded_schema"
    has_temperature: bool = True
    counts_reasoning: bool = False
    """The endpoint takes `max_completion_tokens` in place of `max_tokens`."""

    def parameters(self, prompt: Prompt, shape: type[Shape]) -> dict[str, Any]:
        """The keyword arguments of chat.completions.create that depend on the endpoint."""
        parameters: dict[str, Any] = {}
        if self.has_temperature:
            parameters["temperature"] = prompt.temperature
        if self.counts_reasoning:
            parameters["max_completion_tokens"] = prompt.max_tokens + REASONING_ALLOWANCE
        else:
            parameters["max_tokens"] = prompt.max_tokens
        if self.response_format == "json_object":
            parameters["response_format"] = {"type": "json_object"}
        elif self.response_format != "words":
            schema = strict_schema(shape, bounded=self.response_format == "bounded_schema")
            parameters["response_format"] = {
                "type": "json_schema",
                "json_schema": {"name": prompt.name, "strict": True, "schema": schema},
            }
        return parameters

    def after_refusal(self, param: str | None, message: str) -> "Dialect | None":
        """The dialect to try next; None when the refusal is not about the dialect."""
        about = f"{param or ''} {message}".lower()
        if "max_completion_tokens" in about and not self.counts_reasoning:
            return replace(self, counts_reasoning=True)
        if "temperature" in about and self.has_temperature:
            return replace(self, has_temperature=False)
        if any(word in about for word in ("response_format", "json_schema", "grammar", "structured output")):
            weaker = _WEAKER.get(self.response_format)
            return replace(self, response_format=weaker) if weaker else None
        return None

    @property
    def is_enforced(self) -> bool:
        """True where the endpoint itself holds the answer to the schema."""
        return self.response_format in ("bounded_schema", "schema")


def strict_schema(shape: type[Shape], *, bounded: bool) -> dict[str, Any]:
    """*shape* as the JSON schema of strict mode; without *bounded* only its types remain."""
    return _plain(shape.model_json_schema(), bounded=bounded)


def _plain(node: Any, *, bounded: bool, is_properties: bool = False) -> Any:
    if isinstance(node, list):
        return [_plain(item, bounded=bounded) for item in node]
    if not isinstance(node, dict):
        return node
    # Under "properties" the keys are field names: a field called `title` or `maximum` stays.
    dropped = frozenset[str]() if is_properties else frozenset({"title"}) | (frozenset[str]() if bounded else _BOUNDS)
    return {
        key: _plain(value, bounded=bounded, is_properties=key == "properties" and not is_properties)
        for key, value in node.items()
        if key not in dropped
    }
