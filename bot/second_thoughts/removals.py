"""Taking back what the bot said."""

from typing import Protocol


class Removals(Protocol):
    async def remove(self, channel: str, ts: str) -> None:
        """Delete our own message there; one that is gone already is gone. Raises what is transient."""
        ...
