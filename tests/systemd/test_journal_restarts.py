"""journald restarts and hangs while somebody logs as fast as they can: every line is there afterwards, in its order."""

import json
import sys
from collections.abc import Callable

import pytest

from tests.systemd.installed import ROOT
from tests.systemd.machine import boot

pytestmark = pytest.mark.extra("systemd")

Figure = Callable[[str], None]
LINES = 60_000

# As root on a machine of its own. The writer does to journald what is done to it, so that lines are written meanwhile.
STRESS = f"""
import json, subprocess, sys, time
import structlog
from bot.logging import configure_logging, line_counts
configure_logging("info")
log = structlog.get_logger("bot.stress")
slowest, most = 0.0, 0
began = time.monotonic()
commands = []
for number in range({LINES}):
    if number in ({LINES} // 4, {LINES} // 2):
        commands.append(subprocess.Popen(["systemctl", "restart", "systemd-journald"]))
    if number in ({LINES} // 4 * 3, {LINES} // 8 * 7):
        freeze = "STOP" if number == {LINES} // 4 * 3 else "CONT"
        commands.append(subprocess.Popen(["systemctl", "kill", "--signal=" + freeze, "systemd-journald"]))
        commands[-1].wait()
    before = time.monotonic()
    log.info("stress.line", number=number, item="message:T1:C1:1795162355.026317")
    slowest = max(slowest, time.monotonic() - before)
    most = max(most, line_counts().waiting)
    if number % 100 == 0:
        time.sleep(0.001)
seconds = time.monotonic() - began
codes = [command.wait() for command in commands]
deadline = time.monotonic() + 60
while line_counts().waiting and time.monotonic() < deadline:
    time.sleep(0.05)
figures = dict(codes=codes, lost=line_counts().lost, left=line_counts().waiting, most_waiting=most)
print(json.dumps(figures | dict(slowest_ms=round(slowest * 1000, 1), per_second=round({LINES} / seconds))))
"""


def test_no_line_is_lost_while_journald_restarts_and_hangs(figure: Figure) -> None:
    with boot(size="1g") as machine:
        room = "[Journal]\nRateLimitIntervalSec=0\nSystemMaxUse=600M\nRuntimeMaxUse=600M\nStorage=persistent\n"
        machine.write("/etc/systemd/journald.conf.d/stress.conf", room)
        machine.run("systemctl", "restart", "systemd-journald")
        machine.write("/run/stress.py", STRESS)
        runs = (
            "systemd-run",
            "--unit=stress",
            "--wait",
            "-q",
            "-p",
            "StandardOutput=file:/run/figures",
            "-p",
            "StandardError=journal",
        )
        machine.run(*runs, f"--setenv=PYTHONPATH={ROOT}", sys.prefix + "/bin/python", "/run/stress.py")
        figures = json.loads(machine.run("cat", "/run/figures"))
        said = machine.run("journalctl", "-u", "stress", "-o", "cat", "--no-pager", "BOT_EVENT=stress.line")
        numbers = [int(line.split("number=")[1].split()[0]) for line in said.splitlines()]
    assert (figures["codes"], figures["lost"], figures["left"]) == ([0] * 4, 0, 0)
    assert figures["most_waiting"] > 0, "the frozen journald took none for a while"
    assert len(numbers) == LINES
    assert numbers == list(range(LINES))
    figure(
        f"{LINES} of {LINES} lines, in order, {figures['per_second']} a second; at most {figures['most_waiting']} "
        f"waited for journald, and a line held its writer up for at most {figures['slowest_ms']} ms"
    )
