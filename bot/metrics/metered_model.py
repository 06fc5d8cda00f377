"""The language model, counted."""

import time
from typing import Final

from agent.errors import ModelError, ModelUnparsable, TurnBudgetSpent
from agent.llm.model import Meter, Model, Prompt, ShapeT
from bot.metrics.instruments import Instruments
from bot.metrics.streak import Streak

OK: Final = "ok"
CANCELLED: Final = "cancelled"
OUTCOMES: Final = (
    OK,
    CANCELLED,
    "model",
    "model_loading",
    "model_refused",
    "model_unavailable",
    "model_unparsable",
    "turn_budget",
)
"""The errors by their codes, which `agent.errors` keeps."""


class MeteredModel:
    """A `Model`. Tokens are those of every request, failed ones and repeated ones included."""

    def __init__(self, model: Model, instruments: Instruments, streak: Streak) -> None:
        self._model = model
        self._instruments = instruments
        self._streak = streak

    async def ask(self, prompt: Prompt, shape: type[ShapeT], meter: Meter) -> ShapeT:
        before, started, outcome = meter.usage, time.monotonic(), CANCELLED
        try:
            answer = await self._model.ask(prompt, shape, meter)
        except ModelError as error:
            outcome = error.code.removeprefix("error.")
            self._judge(error)
            raise
        else:
            outcome = OK
            self._streak.answered()
            return answer
        finally:
            used = meter.usage
            self._instruments.model_calls.labels(prompt.name, outcome).inc()
            self._instruments.model_seconds.observe(time.monotonic() - started)
            self._instruments.model_tokens.labels("input").inc(used.input_tokens - before.input_tokens)
            self._instruments.model_tokens.labels("output").inc(used.output_tokens - before.output_tokens)

    def _judge(self, error: ModelError) -> None:
        """A call that the turn's own limit kept back says nothing of the endpoint; nonsense says that it is there."""
        if isinstance(error, ModelUnparsable):
            self._streak.answered()
        elif not isinstance(error, TurnBudgetSpent):
            self._streak.failed()
