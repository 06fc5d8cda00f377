"""Where the data team reads what no single person can be told."""

from typing import Protocol

from agent.notice import Notice


class Noticeboard(Protocol):
    async def post(self, notice: Notice) -> None:
        """Best effort, never raises: what is posted stands in the log as well."""
        ...
