"""Channels that another company shares: nothing is answered there until a colleague has allowed it, once."""

from typing import Protocol


class Consents(Protocol):
    """Kept durably, for good. Both raise what is transient."""

    async def given_by(self, channel: str) -> str | None:
        """Who allowed answers in *channel*; None while nobody has."""
        ...

    async def give(self, channel: str, user: str) -> str:
        """Allow them, unless somebody has; whose word it is."""
        ...
