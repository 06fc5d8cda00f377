"""Consents in memory, and the requests for them."""

from bot.surface import Place


class FakeConsents:
    def __init__(self) -> None:
        self.given: dict[str, str] = {}

    async def given_by(self, channel: str) -> str | None:
        return self.given.get(channel)

    async def give(self, channel: str, user: str) -> str:
        return self.given.setdefault(channel, user)


class FakeConsentRequests:
    def __init__(self) -> None:
        self.posted: list[tuple[str, bool]] = []

    async def post(self, place: Place, *, may_exist: bool) -> None:
        self.posted.append((place.turn_id, may_exist))
