"""The form in which people like to see results: taken where the question names none and the data can be drawn so."""

from dataclasses import replace

from agent.turn import Answer, OnProgress, ShownAs, Turn
from bot.charts.choice import choose_chart, kinds_for
from bot.freshness import Answers


class PreferredForms:
    """`bot.turns.Answers`: another's, each in the form that its asker likes."""

    def __init__(self, answers: Answers) -> None:
        self._answers = answers

    async def answer(self, turn: Turn, on_progress: OnProgress) -> Answer:
        answer = await self._answers.answer(turn, on_progress)
        liked = turn.actor.preferences.shown_as
        fuller = answer.fuller
        return replace(_in_form(answer, liked), fuller=_in_form(fuller, liked) if fuller is not None else None)

    async def tidy(self, turn: Turn) -> None:
        await self._answers.tidy(turn)

    async def stop(self, turn: Turn) -> Answer:
        return await self._answers.stop(turn)


def _in_form(answer: Answer, liked: ShownAs | None) -> Answer:
    """A liking is no wish: where it does not suit the data nothing is said of it."""
    if liked is None or answer.shown_as is not None or answer.table is None:
        return answer
    chart = choose_chart(answer.table)
    suits = liked == "table" or (chart is not None and liked in kinds_for(chart))
    return replace(answer, shown_as=liked) if suits else answer
