"""Tells of outages, in the log at once and in Slack when Slack takes it: each once, whichever daemon saw it first.

Whoever looks never waits for what is told: a slow Slack, or a table that somebody has locked, would make them blind.
"""

import asyncio
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Final, NamedTuple

import structlog

from agent.notice import Notice
from bot.noticeboard import Noticeboard
from bot.outages.book import OutageBook
from bot.outages.conditions import SHARED, Change, What

log = structlog.get_logger(__name__)

KEEP_SECONDS: Final = 30.0
UNSEEN_FOR: Final = timedelta(minutes=2)
"""Longer than any daemon leaves between two times that it says so, and than a restart takes."""
MOST_UNTOLD: Final = 100

_AWAY: Final[Mapping[What, str]] = {
    What.DATABASE: "ops.database_away",
    What.MODEL: "ops.model_away",
    What.BIGQUERY: "ops.bigquery_away",
    What.QUEUE: "ops.queue_long",
    What.ENGINE: "ops.engine_unavailable",
}
"""Slack cannot be told that Slack is away."""
_BACK: Final[Mapping[What, str]] = {
    What.DATABASE: "ops.database_back",
    What.SLACK: "ops.slack_back",
    What.MODEL: "ops.model_back",
    What.BIGQUERY: "ops.bigquery_back",
    What.QUEUE: "ops.queue_short",
}


class _Outage(NamedTuple):
    what: What
    since: datetime
    until: datetime | None
    """None while it goes on."""


class Announcer:
    def __init__(self, book: OutageBook, board: Noticeboard, *, host: str, now: Callable[[], datetime]) -> None:
        """*host*: where this daemon runs, for who reads the notices."""
        self._book = book
        self._board = board
        self._host = host
        self._now = now
        self._since: dict[What, datetime] = {}
        self._untold: asyncio.Queue[_Outage] = asyncio.Queue(MOST_UNTOLD)

    def changed(self, what: What, change: Change) -> None:
        """To be told; returns at once."""
        at = self._now() - timedelta(seconds=change.seconds_ago)
        if change.kind == "degraded":
            self._since[what] = at
            log.warning("daemon.degraded", what=what.value)
            outage = _Outage(what, at, None)
        else:
            outage = _Outage(what, self._since.pop(what, at), at)
            log.info("daemon.recovered", what=what.value, seconds=round((at - outage.since).total_seconds()))
        try:
            self._untold.put_nowait(outage)
        except asyncio.QueueFull:  # Slack has taken nothing for hours
            log.warning("outages.not_told", what=what.value)

    async def run(self) -> None:
        """Tell, until cancelled."""
        while True:
            outage = await self._next()
            try:
                await (self.keep_up() if outage is None else self._tell(outage))
            except Exception:  # the boundary: a mistake of ours, and the next outage has to be told as well
                log.exception("outages.not_told")

    async def _next(self) -> _Outage | None:
        """None where nothing was to be told for a while."""
        try:
            async with asyncio.timeout(KEEP_SECONDS):
                return await self._untold.get()
        except TimeoutError:
            return None

    async def tell_all(self) -> None:
        """What is to be told by now."""
        while not self._untold.empty():
            await self._tell(self._untold.get_nowait())

    async def keep_up(self) -> None:
        """Say of what goes on that it does, and close what a daemon that is gone has told of."""
        for what in SHARED & self._since.keys():
            await self._is_first(what)
        try:
            unseen = await self._book.close_unseen(UNSEEN_FOR)
        except Exception as error:  # the boundary: the next time comes
            log.warning("outages.book_not_read", error=type(error).__name__)
            return
        for what, since in unseen:
            log.info("outages.unseen", what=what)
            if what in SHARED:
                await self._post("ops.unseen", since, self._now(), what=f"ops_{what}")

    async def _tell(self, outage: _Outage) -> None:
        what, since, until = outage
        if until is None:
            if what in _AWAY and await self._is_first(what):
                await self._post(_AWAY[what], since, self._now())
        elif what in _BACK and await self._is_last(what):
            await self._post(_BACK[what], since, until)

    async def _is_first(self, what: What) -> bool:
        if what not in SHARED:
            return True
        try:
            return await self._book.keep_open(what.value)
        except Exception as error:  # the boundary: better told twice than not
            log.warning("outages.book_not_read", error=type(error).__name__)
            return True

    async def _is_last(self, what: What) -> bool:
        """False where another daemon has told that it is over."""
        if what not in SHARED:
            return True
        try:
            return await self._book.close(what.value) is not None
        except Exception as error:  # the boundary, as above
            log.warning("outages.book_not_read", error=type(error).__name__)
            return True

    async def _post(self, code: str, since: datetime, until: datetime, *, what: str = "") -> None:
        moments = {"since": since.timestamp(), "until": until.timestamp()}
        await self._board.post(Notice(code, {"host": self._host, "what": what, **moments}))
