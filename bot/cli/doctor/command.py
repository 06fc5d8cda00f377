"""`botctl doctor`: what is wrong here, and how is it mended?"""

import argparse
import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from rich.console import Console

from bot.cli.doctor.check import Check, examine_all, with_needs
from bot.cli.doctor.checks import CHECKS
from bot.cli.doctor.machine import Machine
from bot.cli.doctor.patient import Loaded, open_patient
from bot.cli.doctor.report import as_json, print_findings, worst_state
from bot.cli.errors import CommandError
from bot.cli.installed import SETTINGS
from bot.cli.state_file import read_run_state
from bot.logging import configure_logging
from bot.settings import ConfigurationError, Settings, load_settings

_SOMETHING_TO_MEND: Final = 1


async def doctor(options: argparse.Namespace) -> int:
    configure_logging("critical")  # what goes wrong is what it looks for, and tells in its own words
    checks = _chosen(options.only)
    loaded = await asyncio.to_thread(load_for_doctor)
    machine = Machine(env_file=settings_file(Settings.model_config.get("env_file")))
    async with open_patient(loaded, machine) as patient:
        findings = await examine_all(checks, patient)
    if options.json:
        print(as_json(findings))
    else:
        print_findings(findings, Console(highlight=False))
    return _SOMETHING_TO_MEND if worst_state(findings) == "fail" else 0


def settings_file(read: object) -> Path:
    """The file that the settings were written in: the one that was *read*, or on a VM, where none is, the unit's."""
    return SETTINGS if read is None else Path(str(read))


def load_for_doctor() -> Loaded:
    """As the daemon would load them; a running `botctl run` of this state folder says what .env does not. Blocking."""
    try:
        settings = load_settings()
        state = read_run_state(settings.state_dir)
        if state is None:
            return Loaded(settings)
        return Loaded(load_settings(**{name.lower(): value for name, value in state.environ.items()}), is_attached=True)
    except ConfigurationError as error:
        return Loaded(None, error)


def _chosen(only: frozenset[str] | None) -> Sequence[Check]:
    if only is None:
        return CHECKS
    try:
        return with_needs(CHECKS, only)
    except KeyError as error:
        known = ", ".join(check.name for check in CHECKS)
        raise CommandError(f"There is no check {error}. There are: {known}.") from None
