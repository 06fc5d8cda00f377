"""The policy file: can it be read, is one on trial readable as well, does it hold what its own tests expect?"""

import asyncio
from collections.abc import Sequence
from pathlib import Path

from agent.policy.grants import AccessPolicy
from agent.policy.policy_file import UnreadablePolicy, read_parts, read_policy, text_of
from agent.policy.policy_parts import ExpectationPart
from agent.sql.googlesql.thread import EngineThread
from bot.cli.doctor.finding import Outcome, Skip, fail, ok
from bot.cli.doctor.patient import Patient
from bot.cli.policy_desk import PolicyDesk, Who
from bot.cli.policy_tables import project_of, tables_for

Tests = Sequence[ExpectationPart]


async def examine_policy(patient: Patient) -> Outcome:
    settings = patient.settings
    if settings.policy_file is None:
        raise Skip("POLICY_FILE is not set: every full member reads BIGQUERY_DATASETS")
    project = project_of(settings)
    for setting, path in (("POLICY_FILE", settings.policy_file), ("POLICY_OBSERVE_FILE", settings.policy_observe_file)):
        try:
            if path is not None:
                await asyncio.to_thread(_read, path, project)
        except UnreadablePolicy as error:
            return fail(f"{setting}: {error}", "Mend it there; deploy/policy.example.yaml explains every key.")
    policy, _ = await asyncio.to_thread(_read, settings.policy_file, project)
    return ok(f"{settings.policy_file} gives {len(policy.grants)} grants")


async def examine_policy_tests(patient: Patient) -> Outcome:
    settings = patient.settings
    assert settings.policy_file is not None, "this check needs the one before it"
    policy, tests = await asyncio.to_thread(_read, settings.policy_file, project_of(settings))
    if not tests:
        raise Skip("the policy file holds none")
    wrong = await _failing(patient, policy, tests)
    if wrong:
        return fail(
            f"{len(wrong)} of {len(tests)} do not hold: {wrong[0]}",
            f"botctl policy test {settings.policy_file} says which and why.",
        )
    return ok(f"all {len(tests)} hold")


async def _failing(patient: Patient, policy: AccessPolicy, tests: Tests) -> list[str]:
    project = project_of(patient.settings)
    tables = await tables_for(patient.settings, policy, project)
    async with EngineThread(patient.settings.cache_dir / "googlesql") as engine:
        desk = PolicyDesk(policy, engine, tables, project)
        judged = [(one, (await desk.judge(one.sql, _who(one))).access) for one in tests]
    return [
        f"{' '.join(one.sql.split())[:120]} is {access}, not {one.expect}"
        for one, access in judged
        if access != one.expect
    ]


def _who(one: ExpectationPart) -> Who:
    return Who(one.user, one.groups, one.channel, one.external, one.guest)


def _read(path: Path, project: str) -> tuple[AccessPolicy, Tests]:
    """Raises UnreadablePolicy."""
    text = text_of(path)
    return read_policy(text, project, name=str(path)), read_parts(text, name=str(path)).tests
