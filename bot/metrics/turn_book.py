"""Turns, counted by what they were and how they ended."""

from typing import Final

from agent.turn import Action, Answer
from bot.metrics.instruments import Instruments
from bot.turn_outcome import TURN_OUTCOMES, TurnOutcome, turn_outcome
from bot.vitals import VitalSigns

UNKNOWN: Final = "unknown"
"""Of a turn that was given up, or was not for us: nobody knows what it would have been."""


class TurnBook:
    def __init__(self, instruments: Instruments, vitals: VitalSigns) -> None:
        self._turns = instruments.turns
        self._vitals = vitals
        instruments.seed(self._turns, (*Action, UNKNOWN), TURN_OUTCOMES)

    def ended(self, answer: Answer) -> None:
        outcome = turn_outcome(answer)
        self._turns.labels(answer.route.action if answer.route else UNKNOWN, outcome).inc()
        if outcome != "silent":
            self._vitals.turn_ended(outcome)

    def gave_up(self, outcome: TurnOutcome) -> None:
        self._turns.labels(UNKNOWN, outcome).inc()
        self._vitals.turn_ended(outcome)
