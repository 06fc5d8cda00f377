"""The time that one turn may take: a model that answers slowly, call after call, keeps nobody waiting beyond it."""

import asyncio
import time

from agent.errors import TurnTimeSpent
from agent.llm.model import Meter, Model, Prompt, ShapeT


class ModelInTime:
    """A `Model` for one turn, from now on: no call begins after the turn's *seconds*, and none goes on.

    Only models are held to it. A query has bounds of its own, and what the turn has come to by then may still run.
    """

    def __init__(self, model: Model, seconds: float) -> None:
        self._model = model
        self._ends_at = time.monotonic() + seconds

    async def ask(self, prompt: Prompt, shape: type[ShapeT], meter: Meter) -> ShapeT:
        """Raises TurnTimeSpent, and what the model raises."""
        left = self._ends_at - time.monotonic()
        if left <= 0:
            raise meter.turn_away(TurnTimeSpent())
        limit = asyncio.timeout(left)
        try:
            async with limit:
                return await self._model.ask(prompt, shape, meter)
        except TimeoutError:
            if limit.expired():
                raise meter.turn_away(TurnTimeSpent()) from None
            raise
