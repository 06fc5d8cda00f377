"""Run checks side by side, each behind what it needs, each with a deadline of its own."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass

from bot.cli.doctor.finding import Finding, Outcome, Skip, Unanswered, fail, warn
from bot.cli.doctor.patient import Patient


@dataclass(frozen=True, slots=True)
class Check:
    name: str
    examine: Callable[[Patient], Awaitable[Outcome]]
    needs: tuple[str, ...] = ()
    """Checks that must not have failed: where one did, this one would only say the same in other words."""
    seconds: float = 15.0


async def examine_all(checks: Sequence[Check], patient: Patient) -> list[Finding]:
    """A finding for each of *checks*, in their order. What a check needs stands before it."""
    running: dict[str, asyncio.Task[Finding]] = {}
    async with asyncio.TaskGroup() as group:
        for check in checks:
            examining = _examine(check, patient, {name: running[name] for name in check.needs})
            running[check.name] = group.create_task(examining, name=f"doctor-{check.name}")
    return [task.result() for task in running.values()]


def with_needs(checks: Sequence[Check], wanted: frozenset[str]) -> list[Check]:
    """Those of *wanted* and what they need, in order. KeyError names a check that there is not."""
    by_name = {check.name: check for check in checks}
    chosen: set[str] = set()
    waiting = list(wanted)
    while waiting:
        name = waiting.pop()
        if name not in chosen:
            chosen.add(name)
            waiting += by_name[name].needs
    return [check for check in checks if check.name in chosen]


async def _examine(check: Check, patient: Patient, needed: Mapping[str, asyncio.Task[Finding]]) -> Finding:
    for name, task in needed.items():
        needed_one = await task
        if needed_one.state == "fail":
            return Finding(check.name, Outcome("skipped", f"because of {name}"), 0.0)
        if needed_one.state == "skipped":
            return Finding(check.name, needed_one.outcome, 0.0)
    started = time.monotonic()
    outcome = await _outcome(check, patient)
    told = Outcome(outcome.state, patient.without_secrets(outcome.message), patient.without_secrets(outcome.remedy))
    return Finding(check.name, told, time.monotonic() - started)


async def _outcome(check: Check, patient: Patient) -> Outcome:
    try:
        async with asyncio.timeout(check.seconds):
            return await check.examine(patient)
    except Skip as skip:
        return Outcome("skipped", str(skip))
    except Unanswered as unanswered:
        return warn(str(unanswered), "It may pass: ask again in a minute.")
    except TimeoutError:
        return fail(f"no answer within {check.seconds:g} s", "Is the way to it open (proxy, firewall, a busy machine)?")
    except Exception as error:  # boundary: one check that breaks must not take the others with it
        first_line = (str(error).splitlines() or [""])[0][:300]
        return fail(
            f"the check itself broke: {type(error).__name__}: {first_line}", "Tell us: that is a defect of ours."
        )
