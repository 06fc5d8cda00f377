"""`botctl sql check`: what the gate says of a statement, or of a file of them, without Postgres or BigQuery."""

import argparse
import asyncio
import json
import sys
import time
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console

from agent.sql.gate import Gate
from agent.sql.googlesql.thread import EngineThread
from agent.sql.verdict import Verdict
from bot.cli.errors import CommandError
from bot.cli.sql_grants import rules_of
from bot.i18n.catalogue import say_notice
from bot.logging import configure_logging
from bot.settings import Settings, load_settings


@dataclass(frozen=True, slots=True)
class Statement:
    id: str | int | None
    sql: str


async def sql_check(options: argparse.Namespace) -> int:
    configure_logging("warning")
    settings = await asyncio.to_thread(load_settings)
    if options.policy is not None:
        return await _check_by_policy(options, settings)
    grants = options.grant if options.grant is not None else settings.bigquery_datasets
    rules = rules_of(grants, options.project or settings.bigquery_project or "")
    statements = [Statement(None, options.sql)] if options.jsonl is None else await _read(Path(options.jsonl))
    cache_dir = settings.cache_dir / "googlesql"
    await prepare(cache_dir)
    async with EngineThread(cache_dir) as engine:
        gate = Gate(engine, rules)
        await gate.check("SELECT 1")  # opens the engine and reads its functions: no statement's time holds that
        for statement in statements:
            started = time.perf_counter()
            verdict = await gate.check(statement.sql)
            told = verdict_json(verdict, (time.perf_counter() - started) * 1000)
            if options.jsonl is not None:
                print(json.dumps({"id": statement.id, **told}))
            elif options.json:
                print(json.dumps(told))
            else:
                _print_for_people(told)
    return 0


async def _check_by_policy(options: argparse.Namespace, settings: Settings) -> int:
    """The same by a policy file, for who asks where: with the columns that they may see."""
    from bot.cli.policy_test import check_by_policy  # noqa: PLC0415 - it needs this module's own

    if options.grant is not None:
        raise CommandError("--policy and --grant both say what may be read: use one of them.")
    statements = [Statement(None, options.sql)] if options.jsonl is None else await _read(Path(options.jsonl))
    async for statement_id, told in check_by_policy(options, settings, [(one.id, one.sql) for one in statements]):
        if options.jsonl is not None:
            print(json.dumps({"id": statement_id, **told}))
        elif options.json:
            print(json.dumps(told))
        else:
            _print_for_people(told)
    return 0


def verdict_json(verdict: Verdict, milliseconds: float) -> dict[str, Any]:
    """`reasons` are `code: sentence`, gravest first; `tables` are named in full."""
    return {
        "decision": verdict.decision,
        "reasons": [f"{reason.code}: {say_notice('en', reason)}" for reason in verdict.reasons],
        "tables": [str(table) for table in verdict.tables],
        "statement_type": verdict.statement_type,
        "ms": round(milliseconds, 2),
    }


async def prepare(cache_dir: Path) -> None:
    """Have the engine compiled before anything waits for it, and say so; without one, say that."""
    try:
        from bot.cli.engine import prepare_engine  # noqa: PLC0415 - the engine's packages may be missing

        await prepare_engine(cache_dir, Console(stderr=True))
    except Exception as error:  # boundary: the gate has a verdict without the engine too, as the daemon's has
        print(f"botctl: Google's SQL engine cannot be loaded ({type(error).__name__}: {error}).", file=sys.stderr)


async def _read(path: Path) -> list[Statement]:
    return await asyncio.to_thread(lambda: list(read_statements(path)))


def read_statements(path: Path) -> Generator[Statement]:
    """The lines of *path*, each an object with `id` and `sql`. Raises CommandError, which names the line."""
    try:
        # Not splitlines: a statement may hold other line ends than \n.
        lines = path.read_bytes().split(b"\n")
    except OSError as error:
        raise CommandError(f"--jsonl {path} cannot be read: {error.strerror}.") from None
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except ValueError:
            raise CommandError(f"Line {number} of {path} is not JSON.") from None
        if not isinstance(row, dict) or not isinstance(row.get("sql"), str):
            raise CommandError(f"Line {number} of {path} is not an object with id and sql.")
        yield Statement(row.get("id"), row["sql"])


def _print_for_people(told: dict[str, Any]) -> None:
    print(f"{told['decision']}  {told['statement_type']}".rstrip())
    for reason in told["reasons"]:
        print(f"  {reason}")
    if told["tables"]:
        print(f"  reads {', '.join(told['tables'])}")
