"""Feedback in memory."""

from bot.feedback import Feedback


class FakeFeedback:
    def __init__(self) -> None:
        self.rows: dict[tuple[str, str], Feedback] = {}

    async def keep(self, given: Feedback) -> None:
        self.rows[given.turn_id, given.user] = given

    async def of_turn(self, turn_id: str) -> tuple[Feedback, ...]:
        return tuple(self.rows[key] for key in sorted(self.rows) if key[0] == turn_id)
