"""Taking back what the bot said."""

from typing import Protocol

from bot.replies import Reply


class Attachments(Protocol):
    async def take_away(self, reply: Reply) -> None:
        """Delete what was shared below *reply* because its message could not hold it. Raises what is transient."""
        ...


class Removals(Protocol):
    async def remove(self, channel: str, ts: str) -> None:
        """Delete our own message there; one that is gone already is gone. Raises what is transient."""
        ...
