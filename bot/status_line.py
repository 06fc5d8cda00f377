"""The living line in `systemctl status`: since when it is connected, what is in hand, how the last turn went."""

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import Final

from bot.vitals import Queue, Vitals

LOOK_SECONDS: Final = 2.0


def status_line(vitals: Vitals) -> str:
    """For the operator, in English like the log. Clock times in UTC."""
    parts = [_link(vitals), _queue(vitals.queue)]
    if vitals.last_turn is not None:
        parts.append(f"last turn {vitals.last_turn.outcome} at {_time(vitals.last_turn.ended_at)}")
    if vitals.engine != "warm":
        parts.append(f"SQL engine {vitals.engine}")
    if vitals.degraded:
        parts.append(f"degraded: {', '.join(vitals.degraded)}")
    return "; ".join(part for part in parts if part)


async def keep_status(read: Callable[[], Vitals], tell: Callable[[str], object]) -> None:
    """Tell systemd whenever the line has changed, until cancelled."""
    told = ""
    while True:
        line = status_line(read())
        if line != told:
            tell(line)
            told = line
        await asyncio.sleep(LOOK_SECONDS)


def _link(vitals: Vitals) -> str:
    if vitals.is_draining:
        return "Draining"
    if vitals.connected_since is None:
        return "Not connected to Slack"
    return f"Connected since {vitals.connected_since:%Y-%m-%d} {_time(vitals.connected_since)}"


def _queue(queue: Queue | None) -> str:
    if queue is None:
        return "queue not known"
    later = f", {queue.later} to be tried again" if queue.later else ""
    return f"{queue.running} running, {queue.waiting} waiting{later}"


def _time(moment: datetime) -> str:
    return f"{moment:%H:%M} UTC"
