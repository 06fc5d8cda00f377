"""Tells of outages, in the log and in Slack: each once, whichever daemon sees it first."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Final

import structlog

from agent.notice import Notice
from bot.noticeboard import Noticeboard
from bot.outages.book import OutageBook
from bot.outages.conditions import SHARED, What

log = structlog.get_logger(__name__)

UNSEEN_FOR: Final = timedelta(minutes=2)
"""Longer than any daemon leaves between two looks, and than a restart takes."""

_AWAY: Final[Mapping[What, str]] = {
    What.DATABASE: "ops.database_away",
    What.MODEL: "ops.model_away",
    What.BIGQUERY: "ops.bigquery_away",
    What.QUEUE: "ops.queue_long",
}
"""Slack cannot be told that Slack is away."""
_BACK: Final[Mapping[What, str]] = {
    What.DATABASE: "ops.database_back",
    What.SLACK: "ops.slack_back",
    What.MODEL: "ops.model_back",
    What.BIGQUERY: "ops.bigquery_back",
    What.QUEUE: "ops.queue_short",
}


class Announcer:
    def __init__(self, book: OutageBook, board: Noticeboard, *, host: str, now: Callable[[], datetime]) -> None:
        """*host*: where this daemon runs, for who reads the notices."""
        self._book = book
        self._board = board
        self._host = host
        self._now = now
        self._since: dict[What, datetime] = {}

    async def degraded(self, what: What) -> None:
        since = self._since[what] = self._now()
        log.warning("daemon.degraded", what=what.value)
        if what in _AWAY and await self._is_first(what):
            await self._post(_AWAY[what], since=since)

    async def still_degraded(self, what: What) -> None:
        if what in SHARED:
            await self._is_first(what)  # for the others: somebody still sees it

    async def recovered(self, what: What) -> None:
        since = self._since.pop(what, self._now())
        log.info("daemon.recovered", what=what.value, seconds=round((self._now() - since).total_seconds()))
        if what in SHARED:
            try:
                closed = await self._book.close(what.value)
            except Exception as error:  # the boundary: better told twice than not
                log.warning("outages.book_not_read", error=type(error).__name__)
            else:
                if closed is None:  # another daemon has told
                    return
                since = closed.since
        await self._post(_BACK[what], since=since)

    async def sweep(self) -> None:
        """Close what a daemon that is gone has told of. Raises what the book raises."""
        for what, since in await self._book.close_unseen(UNSEEN_FOR):
            log.info("outages.unseen", what=what)
            if what in SHARED:
                await self._post("ops.unseen", since=since, what=f"ops_{what}")

    async def budget_nearly_spent(self, name: str, share: float, resets: str) -> None:
        """Once per budget and period; called again and again while it is so."""
        try:
            is_first = await self._book.keep_open(f"budget:{name}:{resets}")
        except Exception as error:  # the boundary: the next look tries again
            log.warning("outages.book_not_read", error=type(error).__name__)
            return
        if is_first:
            percent = int(share * 100)
            log.warning("budget.nearly_spent", budget=name, percent=percent)
            notice = Notice("ops.budget_nearly_spent", {"budget": name, "percent": percent, "resets": resets})
            await self._board.post(notice)

    async def _is_first(self, what: What) -> bool:
        if what not in SHARED:
            return True
        try:
            return await self._book.keep_open(what.value)
        except Exception as error:  # the boundary: better told twice than not
            log.warning("outages.book_not_read", error=type(error).__name__)
            return True

    async def _post(self, code: str, *, since: datetime, what: str = "") -> None:
        until = self._now().timestamp()
        params = {"host": self._host, "since": since.timestamp(), "until": until, "what": what}
        await self._board.post(Notice(code, params))
