"""The machine that is installed on, and what is done there."""

import asyncio
from pathlib import Path
from typing import Final

from tests.install.fresh_root import package_environment
from tests.install.ready import PORTS, drop_in
from tests.systemd.machine import Machine

SHARED: Final = "/mnt/shared"
"""Where the tests' folder is seen there."""
SCRIPT_SECONDS: Final = 900.0


class Failed(Exception):
    """A fact that does not hold."""


def say(text: str) -> None:
    print(text, flush=True)


def hold(fact: str, holds: object, told: str = "") -> None:
    """Print *fact*; Failed, with what was *told*, when it does not hold."""
    if not holds:
        raise Failed(f"{fact}\n{told}")
    say(f"  ✓ {fact}")


class Vm:
    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._environment = package_environment()

    async def run(self, *command: str, check: bool = True) -> str:
        return (await asyncio.to_thread(self._machine.run, *command, check=check)).strip()

    async def script(self, release: Path, name: str, *options: str, fails: bool = False) -> str:
        """What deploy/NAME of *release* prints. Failed when it ends otherwise than expected."""
        path = f"{SHARED}/{release.name}/deploy/{name}"
        output = await asyncio.to_thread(
            self._machine.run,
            *("env", *self._environment, "sh", "-c", '"$@" 2>&1; echo "exit=$?"', "-", path, *options),
            timeout=SCRIPT_SECONDS,
        )
        *lines, code = output.splitlines()
        if (code == "exit=0") == fails:
            raise Failed(f"{name} ended with {code}:\n" + "\n".join(lines))
        return "\n".join(lines)

    async def use_other_ports(self) -> None:
        """For health: this machine's network is shared, and its other daemons have the usual ones."""
        for unit, port in PORTS.items():
            path = f"/etc/systemd/system/{unit}.d/zz-test.conf"
            await asyncio.to_thread(self._machine.write, path, drop_in(port))

    async def state(self, unit: str) -> str:
        """active, inactive, failed, activating ..."""
        return await self.run("systemctl", "is-active", unit, check=False)

    async def show(self, unit: str, name: str) -> str:
        return await self.run("systemctl", "show", unit, f"--property={name}", "--value")

    async def runs(self, release: Path) -> None:
        """slack-bot's process, its link and nothing beside it are of *release*."""
        name = release.name.removeprefix("data-bolt-")
        current = await self.run("readlink", "-f", "/opt/slack-bot/current")
        process = await self.run("readlink", f"/proc/{await self.show('slack-bot.service', 'MainPID')}/cwd")
        green = await self.state("slack-bot@green.service")
        hold(f"what runs is {name}, and green has stopped",
             current.endswith(name) and process.endswith(name) and green in ("inactive", "failed"),
             f"{current} {process} {green}")  # fmt: skip


def sentence(told: str) -> str:
    """What a script failed with."""
    return next((line.removeprefix("✗ ") for line in told.splitlines() if line.startswith("✗")), told[-500:])
