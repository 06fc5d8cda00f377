"""botctl doctor on a machine with systemd: root sees the whole service, anybody else is told to use sudo."""

import asyncio
import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.scenario.house import House
from tests.systemd.installed import RELEASE
from tests.systemd.machine import Machine
from tests.systemd.service import Service

pytestmark = [pytest.mark.extra("systemd"), pytest.mark.asyncio(loop_scope="session")]

AS_ROOT = ("env", "--chdir", RELEASE)
# A unit, for the drop-in that shows it the interpreter, wherever that is.
AS_NOBODY = (
    *("systemd-run", "--quiet", "--pipe", "--wait", "--collect", "--unit=slack-doctor"),
    *("--property=User=nobody", f"--property=WorkingDirectory={RELEASE}"),
)


async def doctor(machine: Machine, *way: str) -> dict[str, Any]:
    """Its checks by name, as `/usr/local/bin/botctl` would run it."""
    command = (*way, f"{RELEASE}/venv/bin/python", "-m", "bot.cli.installed", "doctor", "--json")
    told = await asyncio.to_thread(lambda: machine.run(*command, check=False))
    return {check["name"]: check for check in json.loads(told)["checks"]}


async def test_root_sees_the_service_its_secrets_and_its_folders(
    house: House, running: Service, figure: Callable[[str], None]
) -> None:
    found = await doctor(running.machine, *AS_ROOT)
    failed = {name: check for name, check in found.items() if check["state"] == "fail"}
    assert failed == {}
    well = {name: check["message"] for name, check in found.items() if check["state"] == "ok"}
    assert "Local workspace" in well["bot-token"]
    assert "at /run/slack-bot-postgres; " in well["postgres"]
    assert well["migrations"].endswith("the newest")
    assert "the service's own" in well["sql-engine"]
    assert "/var/lib/slack-bot:" in found["disk"]["message"]
    assert "units as the release has them" in well["units"]
    assert well["backups"] == "the first one is made tonight" or "the newest of" in well["backups"]
    assert well["health-port"].endswith("ready")
    figure(f"{len(well)} checks find it well")


async def test_who_may_not_read_the_secrets_is_told_to_use_sudo(house: House, running: Service) -> None:
    found = await doctor(running.machine, *AS_NOBODY)
    assert found["settings"]["state"] == "fail"
    assert "sudo botctl doctor" in found["settings"]["remedy"]
    assert [found[name]["state"] for name in ("bot-token", "app-token")] == ["skipped", "skipped"]
    assert "closed to you" in found["sql-engine"]["message"]
