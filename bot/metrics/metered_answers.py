"""The analyst, counted: each turn once, when it has an answer. One that is tried again is not over."""

from agent.turn import Answer, OnProgress, Turn
from bot.freshness import Answers
from bot.metrics.turn_book import TurnBook


class MeteredAnswers:
    """`bot.turns.Answers`."""

    def __init__(self, answers: Answers, turns: TurnBook) -> None:
        self._answers = answers
        self._turns = turns

    async def answer(self, turn: Turn, on_progress: OnProgress) -> Answer:
        answer = await self._answers.answer(turn, on_progress)
        self._turns.ended(answer)
        return answer

    async def tidy(self, turn: Turn) -> None:
        await self._answers.tidy(turn)

    async def stop(self, turn: Turn) -> Answer:
        answer = await self._answers.stop(turn)
        self._turns.ended(answer)
        return answer
