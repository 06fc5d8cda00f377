"""The settings: can they be read, is what is needed there, is a name misspelt, can others read the secrets?"""

import asyncio
import re
import stat
from collections.abc import Callable, Generator, Iterable
from pathlib import Path
from typing import Final

from bot.cli.doctor.finding import Outcome, Skip, fail, ok, warn
from bot.cli.doctor.machine import Machine
from bot.cli.doctor.patient import Patient
from bot.cli.misspelt import meant_by
from bot.cli.secrets.store import secret_names
from bot.settings import ConfigurationError, Settings, require_agent_settings, require_daemon_settings

_SECRETS: Final = frozenset(secret_names())
_ASSIGNMENT: Final = re.compile(r"^\s*(?:export\s+)?([A-Za-z_]\w*)\s*=\s*(\S?)")
_OPEN_TO_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO
_WRITABLE_BY_OTHERS: Final = stat.S_IWGRP | stat.S_IWOTH
_SUDO: Final = "Run it as who may read them: sudo botctl doctor."
_MEND: Final = "Mend it in .env (under systemd: in /etc/slack-bot), then start the daemon again."


async def examine_settings(patient: Patient) -> Outcome:
    if patient.loaded.settings is None:
        fault = patient.loaded.fault
        return fail(_clause(fault), _SUDO if fault and isinstance(fault.__cause__, PermissionError) else _MEND)
    settings = patient.loaded.settings
    demands: tuple[Callable[[Settings], None], ...] = (require_daemon_settings, require_agent_settings)
    faults = await asyncio.to_thread(lambda: list(dict.fromkeys(_faults(demands, settings))))
    if faults:
        sealed = await asyncio.to_thread(_sealed_folders, patient.machine)
        if sealed and any(name in fault for fault in faults for name in _SECRETS):
            return fail(
                f"{faults[0]}, or it is in {sealed[0]}, which you may not read",
                _SUDO,
            )
        return fail("; ".join(faults), _MEND)
    if patient.loaded.is_attached:
        return ok("everything needed is set, by the running `botctl run` where .env does not say")
    return ok("everything needed is set")


async def examine_names(patient: Patient) -> Outcome:
    """A misspelt name is the quietest fault of all: the default holds, and nobody says so."""
    machine = patient.machine
    written = await asyncio.to_thread(_assignments, machine.env_file)
    here = f"{machine.env_file.name}, line"
    slips = [_slip(name, meant, f"{here} {line}") for name, (line, _) in written.items() if (meant := meant_by(name))]
    slips += [
        _slip(name, meant, "the environment")
        for name in machine.environ
        if name not in written and (meant := meant_by(name))
    ]
    if slips:
        return warn("; ".join(what for what, _ in slips), " ".join(remedy for _, remedy in slips))
    return ok("no name looks like a slip of the pen")


async def examine_secret_files(patient: Patient) -> Outcome:
    return await asyncio.to_thread(_look_at_secret_files, patient.machine)


def _faults(demands: Iterable[Callable[[Settings], None]], settings: Settings) -> Generator[str]:
    for demand in demands:
        try:
            demand(settings)
        except ConfigurationError as error:
            yield _clause(error)


def _clause(fault: ConfigurationError | None) -> str:
    return str(fault).rstrip(".")


def _sealed_folders(machine: Machine) -> list[Path]:
    return [path for path in machine.secrets_folders if machine.is_closed(path)]


def _assignments(path: Path) -> dict[str, tuple[int, bool]]:
    """By name: its line, and whether a value follows."""
    try:
        lines = path.read_text(errors="replace").splitlines()
    except OSError:
        return {}
    found = {number: _ASSIGNMENT.match(line) for number, line in enumerate(lines, 1)}
    return {match[1].upper(): (number, bool(match[2])) for number, match in found.items() if match}


def _slip(name: str, meant: str, where: str) -> tuple[str, str]:
    return f"{name} ({where}) is no setting", f"Write {meant} in place of {name}."


def _look_at_secret_files(machine: Machine) -> Outcome:
    looked_at: list[str] = []
    env_is_open = False
    too_open: list[Path] = []
    if any(name in _SECRETS and has_value for name, (_, has_value) in _assignments(machine.env_file).items()):
        looked_at.append(machine.env_file.name)
        env_is_open = bool(_too_open([machine.env_file]))
    for folder in machine.secrets_folders:
        if not machine.is_closed(folder) and folder.is_dir():
            looked_at.append(str(folder))
            too_open += [folder] * bool(folder.stat().st_mode & _WRITABLE_BY_OTHERS)
            too_open += _too_open(sorted(folder.iterdir()))
    if not looked_at:
        raise Skip("no secrets are kept in files here")
    if too_open:
        names = " ".join(map(str, too_open))
        return fail(f"others on this machine can read or change {names}", f"chmod go= {names}")
    if env_is_open:  # in somebody's home, which may be closed itself
        return warn(f"others on this machine can read {machine.env_file}", f"chmod go= {machine.env_file}")
    return ok(f"{', '.join(looked_at)}: closed to others")


def _too_open(paths: Iterable[Path]) -> list[Path]:
    return [path for path in paths if path.stat().st_mode & _OPEN_TO_OTHERS]
