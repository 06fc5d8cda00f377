"""`botctl policy test FILE`: is the file right, who may read what by it, and does it hold what its tests expect?"""

import argparse
import asyncio
import json
import time
from collections.abc import AsyncGenerator, Generator, Sequence
from pathlib import Path
from typing import Any

from agent.policy.grants import AccessPolicy, Grant, Opening
from agent.policy.policy_file import UnreadablePolicy, read_parts, read_policy, text_of
from agent.policy.policy_parts import ExpectationPart
from agent.sql.googlesql.thread import EngineThread
from bot.cli.errors import CommandError
from bot.cli.policy_desk import Judged, PolicyDesk, Who
from bot.cli.policy_tables import project_of, tables_for
from bot.cli.sql_check import prepare
from bot.i18n.catalogue import say_notice
from bot.logging import configure_logging
from bot.settings import Settings, load_settings

_FAILED = 1


async def policy_test(options: argparse.Namespace) -> int:
    configure_logging("error")
    settings = await asyncio.to_thread(load_settings)
    project = options.project or project_of(settings)
    policy, expectations = await asyncio.to_thread(_read, Path(options.file), project)
    if options.sql is None and not expectations:
        _print_summary(policy, options, [])
        return 0
    cache_dir = settings.cache_dir / "googlesql"
    await prepare(cache_dir)
    tables = await tables_for(settings, policy, project)
    async with EngineThread(cache_dir) as engine:
        desk = PolicyDesk(policy, engine, tables, project)
        if options.sql is not None:
            judged = await desk.judge(options.sql, who_of(options))
            _print_judged(judged, options)
            return 0
        outcomes = [(one, await desk.judge(one.sql, _who_expected(one))) for one in expectations]
    _print_summary(policy, options, outcomes)
    return 0 if all(one.expect == judged.access for one, judged in outcomes) else _FAILED


async def check_by_policy(
    options: argparse.Namespace, settings: Settings, statements: Sequence[tuple[str | int | None, str]]
) -> AsyncGenerator[tuple[str | int | None, dict[str, Any]]]:
    """For `botctl sql check --policy`: its own words for each statement, and what the policy makes of it."""
    project = options.project or project_of(settings)
    policy = (await asyncio.to_thread(_read, Path(options.policy), project))[0]
    cache_dir = settings.cache_dir / "googlesql"
    await prepare(cache_dir)
    tables = await tables_for(settings, policy, project)
    async with EngineThread(cache_dir) as engine:
        desk = PolicyDesk(policy, engine, tables, project)
        for statement_id, sql in statements:
            started = time.perf_counter()
            judged = await desk.judge(sql, who_of(options))
            told = judged_json(judged)
            yield (
                statement_id,
                {
                    "decision": judged.access if judged.access in ("approval", "deny") else "allow",
                    **told,
                    "statement_type": judged.verdict.statement_type,
                    "ms": round((time.perf_counter() - started) * 1000, 2),
                },
            )


def who_of(options: argparse.Namespace) -> Who:
    groups = tuple(options.group or ())
    return Who(options.user or "", groups, options.channel, bool(options.external), bool(options.guest))


def _read(path: Path, project: str) -> tuple[AccessPolicy, tuple[ExpectationPart, ...]]:
    try:
        text = text_of(path)
        return read_policy(text, project, name=str(path)), read_parts(text, name=str(path)).tests
    except UnreadablePolicy as error:
        raise CommandError(f"{error}.") from None


def _who_expected(one: ExpectationPart) -> Who:
    return Who(one.user, one.groups, one.channel, one.external, one.guest)


def judged_json(judged: Judged) -> dict[str, Any]:
    return {
        "access": judged.access,
        "reasons": [f"{reason.code}: {say_notice('en', reason)}" for reason in judged.reasons],
        "masked_columns": list(judged.masked),
        "tables": [str(table) for table in judged.verdict.tables],
    }


def _print_judged(judged: Judged, options: argparse.Namespace) -> None:
    told = judged_json(judged)
    if options.json:
        print(json.dumps(told))
        return
    print(told["access"])
    for reason in told["reasons"]:
        print(f"  {reason}")
    if judged.masked:
        print(f"  hidden: column {', '.join(str(at + 1) for at in judged.masked)}")


def _print_summary(
    policy: AccessPolicy, options: argparse.Namespace, outcomes: list[tuple[ExpectationPart, Judged]]
) -> None:
    if options.json:
        told = [{"sql": one.sql, "expect": one.expect, **judged_json(judged)} for one, judged in outcomes]
        print(json.dumps({"grants": len(policy.grants), "datasets": policy.datasets, "tests": told}))
        return
    for line in summary(policy):
        print(line)
    for one, judged in outcomes:
        is_right = one.expect == judged.access
        print(f"{'ok    ' if is_right else 'WRONG '} {one.expect:8} {' '.join(one.sql.split())}")
        if not is_right:
            print(f"       is {judged.access}: {'; '.join(told for told in judged_json(judged)['reasons'])}")


def summary(policy: AccessPolicy) -> Generator[str]:
    """Who may read what, a line for each grant."""
    for tag in policy.tags:
        columns = [".".join(column.path) + (f" of {column.table}" if column.table else "") for column in tag.columns]
        yield f"tag {tag.name}: {', '.join([*columns, *tag.policy_tags]) or 'nothing'}"
    for grant in policy.grants:
        yield f"{_whom(grant)}: {', '.join(_things(grant)) or 'nothing'}"


def _whom(grant: Grant) -> str:
    whom = ", ".join(map(str, grant.to)) + (" (outsiders too)" if grant.external else "")
    return whom + (f" in {', '.join(map(str, grant.places))}" if grant.places else "")


def _things(grant: Grant) -> Generator[str]:
    for opening in grant.opens:
        yield f"{opening.tables}{_columns(opening)}"
    for pattern in grant.leaves_out:
        yield f"not {pattern}"
    for tag, treatment in grant.tags.items():
        yield f"{tag}: {treatment.name.lower()}"
    for routine in grant.routines:
        yield f"may call {routine}"


def _columns(opening: Opening) -> str:
    if opening.columns is not None:
        return f" ({', '.join(sorted(opening.columns))})"
    return f" (without {', '.join(sorted(opening.hidden))})" if opening.hidden else ""
