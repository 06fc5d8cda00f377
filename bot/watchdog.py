"""Whether this process is worth keeping: systemd is told so from the event loop itself, and restarts us when it is not.

Only what a restart mends counts: a blocked event loop, and a link to Slack that nobody noticed to be dead. Postgres,
BigQuery, the model, Slack itself are no better after one; they stand in the STATUS line.
"""

import asyncio
import time
from collections.abc import Callable
from typing import Final

import structlog

log = structlog.get_logger(__name__)

PINGS: Final = 4
"""Within WatchdogSec=: three may be missed."""
LONGEST_SILENCE: Final = 60.0
"""Seconds. A silent link is given up after 12 (`bot.slack.link`): one this old has lost its watcher."""


async def keep_watchdog_fed(
    seconds: float,
    pong_age: Callable[[], float | None],
    ping: Callable[[], object],
    *,
    clock: Callable[[], float] = time.monotonic,
) -> None:
    """Ping within every *seconds* while the loop is punctual and the link is heard of, until cancelled.

    *pong_age*: seconds since the link was last heard; None while there is none, which its keeper is busy about.
    """
    pause = seconds / PINGS
    while True:
        due = clock() + pause
        await asyncio.sleep(pause)
        late = clock() - due
        silence = pong_age()
        if late > pause:  # blocked so long that Slack had no acks in time: pinged when the next tick is punctual
            log.warning("watchdog.loop_was_blocked", seconds=round(late, 1))
        elif silence is not None and silence > LONGEST_SILENCE:
            log.error("watchdog.link_is_dead", seconds=round(silence, 1))
        else:
            ping()
