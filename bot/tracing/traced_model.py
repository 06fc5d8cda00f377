"""The language model, traced in the words of OpenTelemetry's gen_ai conventions; what was asked and said stays here."""

from typing import Final
from urllib.parse import urlsplit

from agent.llm.completion import Completion
from agent.llm.model import Meter, Model, Prompt, ShapeT
from bot.tracing.spans import Spans, tell, tell_current
from bot.tracing.tracing import Attributes

OPENAI: Final = "https://api.openai.com/v1"


class TracedModel:
    """A `Model`. One span for one call, its retries included; tokens are those of every request."""

    def __init__(self, model: Model, spans: Spans, *, name: str, address: str | None) -> None:
        self._model = model
        self._spans = spans
        self._title = f"chat {name}"
        self._constant: Attributes = {
            "gen_ai.operation.name": "chat",
            "gen_ai.provider.name": "openai",  # as the conventions have it for any endpoint that speaks its tongue
            "gen_ai.request.model": name,
            "gen_ai.output.type": "json",
            **_server(address or OPENAI),
        }

    async def ask(self, prompt: Prompt, shape: type[ShapeT], meter: Meter) -> ShapeT:
        asked = {
            **self._constant,
            "gen_ai.request.max_tokens": prompt.max_tokens,
            "gen_ai.request.temperature": prompt.temperature,
            "slackbot.model.purpose": prompt.name,
        }
        before = meter.usage
        with self._spans.open(self._title, asked, calls_out=True) as span:
            try:
                return await self._model.ask(prompt, shape, meter)
            finally:
                used = {
                    "gen_ai.usage.input_tokens": meter.usage.input_tokens - before.input_tokens,
                    "gen_ai.usage.output_tokens": meter.usage.output_tokens - before.output_tokens,
                    "slackbot.model.requests": meter.usage.calls - before.calls,
                }
                tell(span, used)


def tell_completion(completion: Completion) -> None:
    """Inside the call's span: the last of its requests is the one that counts."""
    tell_current({"gen_ai.response.model": completion.model})


def _server(address: str) -> Attributes:
    """Host and port alone: an address may hold a password."""
    parts = urlsplit(address)
    return {
        "server.address": parts.hostname,
        "server.port": parts.port or {"https": 443, "http": 80}.get(parts.scheme),
    }
