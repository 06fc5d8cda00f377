"""A unit of ours on the machine of the tests, driven without holding up the event loop that its services run on."""

import asyncio
from collections.abc import Callable
from typing import Any

import aiohttp

from tests.systemd.installed import add_drop_in, pids_of, remove_drop_in
from tests.systemd.machine import Machine

PATIENCE = 90.0
"""Seconds, for a burdened machine: conditions are waited for, not times."""


class Service:
    def __init__(self, machine: Machine, unit: str, health_port: int) -> None:
        self.machine = machine
        self.unit = unit
        self.health_port = health_port

    async def systemctl(self, verb: str, *options: str) -> None:
        """Returns when systemd is done. Raises CommandFailed with the unit's last lines."""
        if options:
            await asyncio.to_thread(self.machine.run, "systemctl", verb, *options, self.unit)
        else:
            await asyncio.to_thread(self.machine.start, self.unit, verb=verb)

    async def kill(self, signal: str) -> None:
        """To the main process alone."""
        await self.systemctl("kill", "--kill-who=main", f"--signal={signal}")

    async def show(self, name: str) -> str:
        return (await asyncio.to_thread(self.machine.show, self.unit, name))[name]

    async def until_shown(self, name: str, holds: Callable[[str], bool]) -> str:
        """The property's value once it is as wanted."""
        async with asyncio.timeout(PATIENCE):
            while not holds(value := await self.show(name)):  # noqa: ASYNC110
                await asyncio.sleep(0.1)
        return value

    async def lines(self, *match: str) -> list[str]:
        """What the unit, and systemd about it, wrote into the journal."""
        entries = await asyncio.to_thread(self.machine.journal, self.unit, *match)
        return [str(entry["MESSAGE"]) for entry in entries]

    async def pids(self) -> list[int]:
        return await asyncio.to_thread(pids_of, self.machine, self.unit)

    async def add_drop_in(self, name: str, *lines: str) -> None:
        await asyncio.to_thread(add_drop_in, self.machine, self.unit, name, *lines)

    async def remove_drop_in(self, name: str) -> None:
        await asyncio.to_thread(remove_drop_in, self.machine, self.unit, name)

    async def is_ready(self, session: aiohttp.ClientSession) -> bool:
        """/readyz, asked now."""
        try:
            async with session.get(f"http://127.0.0.1:{self.health_port}/readyz") as response:
                return response.status == 200
        except aiohttp.ClientError:
            return False

    async def readiness(self) -> dict[str, Any]:
        async with (
            aiohttp.ClientSession() as session,
            session.get(f"http://127.0.0.1:{self.health_port}/readyz") as response,
        ):
            return await response.json()
