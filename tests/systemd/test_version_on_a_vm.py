"""`botctl version --deployed` beside a daemon that runs: what it sees as root, and as anybody."""

import asyncio
import json
from typing import Any

import pytest

from tests.scenario.house import House
from tests.systemd.installed import RELEASE
from tests.systemd.machine import Machine
from tests.systemd.service import Service

pytestmark = [
    pytest.mark.extra("systemd"),
    pytest.mark.asyncio(loop_scope="session"),
    pytest.mark.timeout(300),
]


AS_ROOT = ("env", "--chdir", RELEASE)
AS_NOBODY = (
    *("systemd-run", "--quiet", "--pipe", "--wait", "--collect", "--unit=slack-version"),
    *("--property=User=nobody", f"--property=WorkingDirectory={RELEASE}"),
)


async def deployed(machine: Machine, *way: str) -> dict[str, Any]:
    """What is told of slack-bot.service."""
    command = (*way, f"{RELEASE}/venv/bin/python", "-m", "bot.cli.installed", "version", "--deployed", "--json")
    told = await asyncio.to_thread(lambda: machine.run(*command))
    (unit,) = [unit for unit in json.loads(told)["units"] if unit["unit"] == "slack-bot"]
    return unit


async def test_what_runs_is_told_and_when_another_release_is_on_disk(house: House, running: Service) -> None:
    machine = running.machine
    unit = await deployed(machine, *AS_ROOT)
    assert unit["pid"] == int(await running.show("MainPID"))
    assert (unit["state"], unit["release"], unit["restart_needed"]) == ("active (running)", "tested", False)
    unit = await deployed(machine, *AS_NOBODY)
    assert (unit["state"], unit["release"], unit["restart_needed"]) == ("active (running)", None, False)
    machine.run("mkdir", "/opt/slack-bot/releases/newer")
    machine.run("ln", "-sfn", "/opt/slack-bot/releases/newer", "/opt/slack-bot/current")
    try:
        for way in (AS_ROOT, AS_NOBODY):
            assert (await deployed(machine, *way))["restart_needed"]
    finally:
        machine.run("ln", "-sfn", RELEASE, "/opt/slack-bot/current")
        machine.run("rmdir", "/opt/slack-bot/releases/newer")
