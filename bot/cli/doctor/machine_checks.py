"""The machine: Python and the packages, the clock, disks, memory."""

import asyncio
import re
import sys
from datetime import timedelta
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Final

from bot.cli.doctor.dates import Heard, Unreachable
from bot.cli.doctor.finding import Outcome, Skip, fail, ok, warn
from bot.cli.doctor.once import Once
from bot.cli.doctor.patient import Patient

_OLDEST_PYTHON: Final = (3, 11)
_PINNED: Final = re.compile(r"^([A-Za-z0-9][\w.-]*)(?:\[[^\]]*\])?==([^\s;\\]+)([^\\]*)", re.MULTILINE)
_SHOWN: Final = 5
_MIB, _GIB = 2**20, 2**30
_LEAST_DISK: Final = 500 * _MIB
_LITTLE_DISK: Final = 2 * _GIB
_LITTLE_MEMORY: Final = 1600 * _MIB
"""Of the machine: one of 2 GB shows a little less, and is enough."""
_LITTLE_LEFT: Final = 200 * _MIB
_NOTICEABLE_SKEW: Final = timedelta(seconds=20)
_HARMFUL_SKEW: Final = timedelta(minutes=4)
"""Google and AWS refuse what is signed five minutes off."""


async def examine_python(_: Patient) -> Outcome:
    running = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info < _OLDEST_PYTHON:
        return fail(f"Python {running}; 3.11 is the oldest that runs it", "Make the environment anew with python3.11.")
    return ok(f"Python {running}")


async def examine_packages(patient: Patient) -> Outcome:
    return await asyncio.to_thread(_compare_packages, patient.machine.release / "deploy" / "requirements.lock")


async def examine_clock(patient: Patient) -> Outcome:
    """Against whoever can be reached; that somebody cannot is said by their own checks."""
    heard = [*await _heard(patient.slack), *await _heard(patient.bigquery)]
    now = patient.machine.now()
    skews = {one.host: skew for one in heard if (skew := one.skew(now)) is not None}
    if not skews:
        raise Skip("nobody could be asked for the time")
    host, skew = max(skews.items(), key=lambda entry: abs(entry[1]))
    if abs(skew) < _NOTICEABLE_SKEW:
        return ok(f"agrees with {' and '.join(skews)} to {_NOTICEABLE_SKEW.total_seconds():.0f} s")
    way = "ahead of" if skew > timedelta() else "behind"
    what = f"the clock is {abs(skew.total_seconds()):.0f} s {way} {host}'s"
    remedy = "Switch time synchronisation on: timedatectl set-ntp true."
    return fail(f"{what}: credentials are refused so", remedy) if abs(skew) > _HARMFUL_SKEW else warn(what, remedy)


async def examine_disk(patient: Patient) -> Outcome:
    return await asyncio.to_thread(_measure_disks, patient)


async def examine_memory(patient: Patient) -> Outcome:
    memory = await asyncio.to_thread(patient.machine.memory)
    total, left = memory.get("MemTotal"), memory.get("MemAvailable")
    if total is None or left is None:
        raise Skip("this machine does not say how much memory it has")
    told = f"{_size(left)} of {_size(total)} available"
    if total < _LITTLE_MEMORY:
        return warn(told, "Give the machine 2 GB at least: the SQL engine, charts and Postgres share it.")
    if left < _LITTLE_LEFT:
        return warn(told, "See what takes it (systemd-cgtop -m), or give the machine more.")
    return ok(told)


def _compare_packages(lock: Path) -> Outcome:
    try:
        text = lock.read_text()
    except OSError:
        raise Skip(f"there is no {lock} to compare with") from None
    missing: list[str] = []
    drifted: list[str] = []
    pinned = [(name, wanted) for name, wanted, marker in _PINNED.findall(text) if ";" not in marker]
    for name, wanted in pinned:
        try:
            found = version(name)
        except PackageNotFoundError:
            missing.append(name)
        else:
            if found != wanted:
                drifted.append(f"{name} {found} ({wanted} is pinned)")
    remedy = f"{sys.executable} -m pip install --require-hashes -r {lock}"
    if missing:
        return fail(f"not installed: {_some(missing)}", remedy)
    if drifted:
        return warn(f"not as tested: {_some(drifted)}", remedy)
    return ok(f"{len(pinned)} packages as {lock.name} pins them")


async def _heard(question: Once[Heard]) -> list[Heard]:
    try:
        return [await question()]
    except Unreachable:
        return []


def _measure_disks(patient: Patient) -> Outcome:
    outcomes: list[Outcome] = []
    for folder in sorted({patient.state_dir, patient.cache_dir}):
        space = patient.machine.space_of(folder)
        told = f"{folder}: {_size(space.free_bytes)} of {_size(space.total_bytes)} free"
        remedy = f"Make room on the disk of {folder} (du -xh --max-depth=2 {folder} says what is large)."
        if space.free_bytes < _LEAST_DISK:
            outcomes.append(fail(told, remedy))
        elif space.free_bytes < _LITTLE_DISK:
            outcomes.append(warn(told, remedy))
        else:
            outcomes.append(ok(told))
    worst = min(outcomes, key=lambda outcome: ("fail", "warn", "ok").index(outcome.state))
    same = [outcome for outcome in outcomes if outcome.state == worst.state]
    return Outcome(worst.state, "; ".join(one.message for one in same), " ".join(one.remedy for one in same).strip())


def _some(names: list[str]) -> str:
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(names[:_SHOWN]) + more


def _size(count: int) -> str:
    return f"{count / _GIB:.1f} GiB" if count >= _GIB else f"{count / _MIB:.0f} MiB"
