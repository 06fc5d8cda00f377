"""The message that shows how far a long file has come; short ones have none."""

import time
from collections.abc import Awaitable, Callable
from typing import Final

from agent.notice import Notice
from bot.result_files.delivery import FileDesk, Spot

LONG_ROWS: Final = 20_000
"""Below it the file is there before anybody could read of it."""
PACE_SECONDS: Final = 3.0
"""Slack takes a change of a message no faster."""


class Progress:
    def __init__(
        self,
        desk: FileDesk,
        spot: Spot,
        *,
        lane: str,
        note_ts: str | None,
        keep_note: Callable[[str | None], Awaitable[None]],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """*note_ts*: the note of an earlier attempt, to go on with. *keep_note* remembers which one stands, if any."""
        self._desk = desk
        self._spot = spot
        self._lane = lane
        self._keep_note = keep_note
        self._clock = clock
        self._shown_at = float("-inf")
        self.note_ts = note_ts

    async def show(self, rows: int, total: int) -> None:
        if total < LONG_ROWS:
            return
        now = self._clock()
        if now - self._shown_at < PACE_SECONDS:
            return
        self._shown_at = now
        notice = Notice("file.writing", {"rows": rows, "total": total})
        if self.note_ts is None:
            self.note_ts = await self._desk.open_note(self._spot, notice, self._lane)
            await self._keep_note(self.note_ts)
        else:
            await self._desk.change_note(self._spot, self.note_ts, notice, self._lane)

    async def close(self) -> None:
        if self.note_ts is not None:
            await self._desk.close_note(self._spot, self.note_ts)
            self.note_ts = None
            await self._keep_note(None)
