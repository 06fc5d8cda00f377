"""The service: are the units the release's, is the daemon enabled and up, is the health port its own?"""

import asyncio
from http import HTTPStatus
from typing import Any, Final, cast

import aiohttp

from bot.cli.doctor.finding import Outcome, Skip, fail, ok, warn
from bot.cli.doctor.machine import Machine
from bot.cli.doctor.patient import Patient
from bot.cli.doctor.unit_files import SERVICE, health_port, installed_unit, is_service

_KINDS: Final = ("*.service", "*.timer")
_LOOPBACK: Final = "http://127.0.0.1"
_TIMEOUT: Final = aiohttp.ClientTimeout(total=5)


async def examine_units(patient: Patient) -> Outcome:
    machine = patient.machine
    await _require_service(machine)
    drifted, count = await asyncio.to_thread(_drifted_units, machine)
    if drifted:
        sources = " ".join(str(machine.release / "systemd" / name) for name in drifted)
        return warn(
            f"not as the release has {'it' if len(drifted) == 1 else 'them'}: {', '.join(drifted)}",
            f"sudo cp {sources} {machine.unit_folders[0]}/ && sudo systemctl daemon-reload "
            "(what you changed belongs into a drop-in: systemctl edit).",
        )
    if await machine.systemctl("show", "-P", "NeedDaemonReload", SERVICE) == "yes":
        return warn("systemd still has an older version of them in mind", "sudo systemctl daemon-reload")
    return ok(f"{count} units as the release has them")


async def examine_service(patient: Patient) -> Outcome:
    machine = patient.machine
    await _require_service(machine)
    enabled, active = await asyncio.gather(
        machine.systemctl("is-enabled", SERVICE), machine.systemctl("is-active", SERVICE)
    )
    if enabled is None or active is None:
        raise Skip("systemd does not run here")
    if active == "failed":
        return fail("it has failed", f"journalctl -u {SERVICE} -n 50 says why; then sudo systemctl start {SERVICE}")
    if active == "activating" and (await machine.systemctl("show", "-P", "NRestarts", SERVICE) or "0") != "0":
        return fail("it keeps failing, and is started again each time", f"journalctl -u {SERVICE} -n 50 says why")
    if active not in ("active", "activating", "reloading"):
        return warn(f"it does not run ({active})", f"sudo systemctl start {SERVICE}")
    if enabled != "enabled":
        return warn(f"it runs, and would not after a reboot ({enabled})", f"sudo systemctl enable {SERVICE}")
    return ok(f"enabled and {active}")


async def examine_health_port(patient: Patient) -> Outcome:
    """Whoever listens there has to be the daemon."""
    port = await _health_port(patient)
    if port is None:
        raise Skip("HEALTH_PORT is not set: nobody asks the daemon how it is")
    try:
        async with (
            aiohttp.ClientSession(timeout=_TIMEOUT) as session,
            session.get(f"{_LOOPBACK}:{port}/readyz") as answer,
        ):
            told, is_ready = cast("object", await answer.json(content_type=None)), answer.status == HTTPStatus.OK
    except aiohttp.ClientConnectorError:
        return ok(f"port {port} is free: no daemon runs with it")
    except (aiohttp.ClientError, TimeoutError, ValueError):
        told, is_ready = None, False
    if not isinstance(told, dict) or "checks" not in told:
        return fail(
            f"something that is not Data Bolt listens on port {port}", "Stop it, or set HEALTH_PORT to another."
        )
    if not is_ready:
        checks = cast("dict[str, Any]", told["checks"])
        unwell = ", ".join(name for name, is_well in checks.items() if is_well is not True)
        return warn(f"the daemon is not ready: {unwell or 'it does not say why'}", "The checks above say more.")
    return ok(f"the daemon answers on port {port}: ready")


async def _require_service(machine: Machine) -> None:
    if not await asyncio.to_thread(is_service, machine):
        raise Skip("it is not installed as a service here")


def _drifted_units(machine: Machine) -> tuple[list[str], int]:
    """Names of installed units that differ from the release's, and how many were compared."""
    drifted: list[str] = []
    compared = 0
    for ours in sorted(path for kind in _KINDS for path in (machine.release / "systemd").glob(kind)):
        installed = installed_unit(machine, ours.name)
        if installed is not None:  # the ones for blue and green, or for Postgres, need not be
            compared += 1
            if installed.read_bytes() != ours.read_bytes():
                drifted.append(ours.name)
    return drifted, compared


async def _health_port(patient: Patient) -> int | None:
    by_unit = await asyncio.to_thread(health_port, patient.machine)
    by_setting = patient.settings.health_port
    return by_unit if by_setting is None else by_setting
