"""Which failures of our units were told already: a file each in the state folder, for Postgres may be what failed.

`botctl outage report` opens one (slack-bot-failed@.service, at every restart that fails); the daemon that is ready
again, and stays so, closes them.
"""

import asyncio
import json
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final, NamedTuple

import structlog

from agent.notice import Notice
from bot.noticeboard import Noticeboard
from bot.vitals import Vitals

log = structlog.get_logger(__name__)

ONE_OUTAGE: Final = timedelta(minutes=10)
"""Failures of a unit no further apart are one outage. Not every one is closed: Postgres comes back by itself."""
STEADY_SECONDS: Final = 15.0
"""Ready for so long is up again; a daemon that falls at once and again must not fill the channel."""
LOOK_SECONDS: Final = 1.0


class Downtime(NamedTuple):
    """A unit's outage that people were told of."""

    unit: str
    since: datetime
    last_failure: datetime


class DowntimeBook:
    """Everything here blocks for a moment. OSError where the folder cannot be written."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def find(self, unit: str, now: datetime) -> Downtime | None:
        """The outage of *unit* that goes on at *now*."""
        found = self._read(self._folder / f"{unit}.json")
        return found if found is not None and now - found.last_failure <= ONE_OUTAGE else None

    def keep(self, downtime: Downtime) -> None:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = self._folder / f"{downtime.unit}.json"
        beside = path.with_suffix(".new")
        beside.write_text(
            json.dumps({"since": downtime.since.isoformat(), "last_failure": downtime.last_failure.isoformat()})
        )
        beside.replace(path)

    def close_daemons(self) -> list[Downtime]:
        """Those of the daemon, plain, blue or green: whoever asks is one, and runs."""
        paths = [path for path in self._folder.glob("slack-bot*.json") if path.stem.partition("@")[0] == "slack-bot"]
        taken = [self._take(path) for path in sorted(paths)]
        return [downtime for downtime in taken if downtime is not None]

    def _take(self, path: Path) -> Downtime | None:
        found = self._read(path)
        try:
            path.unlink()
        except FileNotFoundError:  # the other one of blue and green was faster, and tells of it
            return None
        return found

    @staticmethod
    def _read(path: Path) -> Downtime | None:
        try:
            kept = json.loads(path.read_text())
            since, last = (datetime.fromisoformat(kept[name]) for name in ("since", "last_failure"))
        except (FileNotFoundError, ValueError, KeyError, TypeError):  # none, or what is no note of ours
            return None
        return Downtime(path.stem, since, last)


async def tell_when_back(
    book: DowntimeBook,
    board: Noticeboard,
    read: Callable[[], Vitals],
    *,
    host: str,
    now: Callable[[], datetime],
    steady_seconds: float = STEADY_SECONDS,
) -> None:
    """Wait until this daemon has been ready for a while, and tell what had been told of as failed. Once."""
    steady = 0.0
    while steady < steady_seconds:
        await asyncio.sleep(LOOK_SECONDS)
        steady = steady + LOOK_SECONDS if read().is_ready else 0.0
    try:
        closed = await asyncio.to_thread(book.close_daemons)
    except OSError as error:
        log.error("downtime.book_not_read", error=repr(error))
        return
    for downtime in closed:
        log.info("downtime.over", unit=downtime.unit)
        params = {"unit": downtime.unit, "host": host}
        times = {"since": downtime.since.timestamp(), "until": now().timestamp()}
        await board.post(Notice("ops.unit_back", {**params, **times}))
