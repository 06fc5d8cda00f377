"""How whoever gave a slash command is told something later."""

from collections.abc import Sequence
from typing import Protocol

from agent.notice import Notice
from agent.turn import Language


class Responses(Protocol):
    async def respond(self, address: str, notices: Sequence[Notice], language: Language) -> None:
        """Tell them alone, at the *address* that came with the command, wherever they gave it.

        Raises what is transient. Nobody hears of it once the address has expired (half an hour), or is none of Slack's.
        """
        ...
