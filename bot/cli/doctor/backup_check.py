"""Backups of the Postgres that is a service of this machine: are they made, and is the newest one new?"""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from bot.cli.doctor.finding import Outcome, Skip, fail, ok, warn
from bot.cli.doctor.machine import Machine
from bot.cli.doctor.patient import Patient
from bot.cli.doctor.unit_files import installed_unit
from bot.storage.backups import Backups

_POSTGRES: Final = "slack-bot-postgres.service"
_TIMER: Final = "slack-bot-backup.timer"
_OLDEST: Final = timedelta(days=2)
"""Made nightly: one night may have gone wrong."""


async def examine_backups(patient: Patient) -> Outcome:
    machine = patient.machine
    postgres = await asyncio.to_thread(installed_unit, machine, _POSTGRES)
    enabled = await machine.systemctl("is-enabled", _POSTGRES)
    if enabled is None:
        raise Skip("systemd does not run here")
    if postgres is None or enabled != "enabled":  # beside a server elsewhere its file is installed, too
        raise Skip("Postgres is no service of this machine: whose it is, makes its backups")
    # The timer is never enabled itself: Postgres' unit brings it along, unless somebody masked it.
    state = await machine.systemctl("is-active", _TIMER)
    if state != "active":
        remedy = f"sudo systemctl unmask {_TIMER} && sudo systemctl start {_TIMER}"
        return warn(f"{_TIMER} is {state}: nobody makes any", remedy)
    return await asyncio.to_thread(_look_at_newest, machine, postgres)


def _look_at_newest(machine: Machine, postgres: Path) -> Outcome:
    folder = machine.backups
    if machine.is_closed(folder):
        raise Skip(f"{folder} is closed to you: run it with sudo")
    made = Backups(folder).all()
    since = made[-1].made_at if made else datetime.fromtimestamp(postgres.stat().st_mtime, UTC)
    age = machine.now() - since
    if age <= _OLDEST:
        hours = f"the newest of {len(made)} is {age.total_seconds() / 3600:.0f} h old"
        return ok(hours if made else "the first one is made tonight")
    what = f"the newest is {age.days} days old" if made else f"none in {age.days} days"
    return fail(what, "journalctl -u slack-bot-backup -n 50 says why; then sudo systemctl start slack-bot-backup")
