"""An event loop that is blocked: systemd notices, aborts, and the journal has the line that blocked it."""

import asyncio
import time
from collections.abc import Callable

import pytest

from tests.systemd.installed import RELEASE
from tests.systemd.service import Service

pytestmark = [pytest.mark.extra("systemd"), pytest.mark.asyncio(loop_scope="session")]

# Python runs it at every start that finds it: the daemon itself has no way to be blocked from outside.
SITECUSTOMIZE = """import signal, time
def block_the_loop(*_):
    time.sleep(1000)
signal.signal(signal.SIGUSR1, block_the_loop)
"""
FOLDER = f"{RELEASE}/blocked"


async def test_a_blocked_event_loop_is_restarted_and_the_journal_has_the_line(
    running: Service, figure: Callable[[str], None]
) -> None:
    await asyncio.to_thread(running.machine.write, f"{FOLDER}/sitecustomize.py", SITECUSTOMIZE)
    await running.add_drop_in("blocked", f"Environment=PYTHONPATH={FOLDER}", "WatchdogSec=8")
    try:
        await running.systemctl("restart")
        restarts = int(await running.show("NRestarts"))
        began = time.monotonic()
        await running.kill("USR1")
        await running.until_shown("NRestarts", lambda value: int(value) > restarts)
        figure(f"restarted {time.monotonic() - began:.1f} s after the loop was blocked (WatchdogSec=8)")
        await running.until_shown("ActiveState", lambda value: value == "active")
        lines = await running.lines()
    finally:
        await running.remove_drop_in("blocked")
    assert any("Watchdog timeout" in line for line in lines)
    assert any("line 3 in block_the_loop" in line for line in lines)
