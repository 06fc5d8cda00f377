"""Preferences in memory."""

from agent.turn import Preferences


class FakePreferences:
    def __init__(self) -> None:
        self.rows: dict[str, Preferences] = {}
        self.error: Exception | None = None

    async def find(self, user: str) -> Preferences:
        if self.error is not None:
            raise self.error
        return self.rows.get(user, Preferences())

    async def keep(self, user: str, chosen: Preferences) -> None:
        self.rows[user] = chosen
