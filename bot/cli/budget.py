"""`botctl budget`: what people, channels, groups and the workspace may spend, and what they have spent."""

import argparse
import asyncio
import json
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from agent.policy.budget import EACH, Budget, OnExceeded, Period, Scope, Standing
from bot.budgets import BudgetBook, BudgetLine
from bot.cli.errors import CommandError
from bot.cli.records import open_existing_records
from bot.i18n.numbers import bytes_text, usd_text
from bot.settings import load_settings
from bot.storage.budget_book import PostgresBudgetBook

_MOST_NAMED = 10
"""Payers of a budget for each that are listed for people; `--json` has all."""


@dataclass(frozen=True, slots=True)
class Whose:
    scope: Scope
    subject: str


async def budget_show(options: argparse.Namespace) -> int:
    async with _book() as book:
        lines = await book.lines()
    if options.json:
        print(json.dumps([line_json(line) for line in lines], ensure_ascii=False, indent=2))
    else:
        print("\n".join(show_text(lines)))
    return 0


async def budget_set(options: argparse.Namespace) -> int:
    whose = whose_of(options)
    if options.bytes is None and options.usd is None:
        raise CommandError("A budget needs a limit: --bytes 100GB, --usd 5, or both.")
    budget = Budget(
        scope=whose.scope,
        subject=whose.subject,
        period=Period(options.per),
        limit_bytes=options.bytes,
        limit_usd=options.usd,
        on_exceeded=OnExceeded(options.on_exceeded),
        owner=options.owner,
    )
    async with _book() as book:
        await book.put(budget)
    _tell(options, {"budget": budget.name, "set": True}, f"{budget.name}: {_limits(budget)}")
    return 0


async def budget_unset(options: argparse.Namespace) -> int:
    whose, period = whose_of(options), Period(options.per)
    async with _book() as book:
        was_set = await book.unset(whose.scope, whose.subject, period)
    name = f"{whose.scope}:{whose.subject}:{period}"
    _tell(options, {"budget": name, "unset": was_set}, f"{name}: {'unset' if was_set else 'was not set'}")
    return 0 if was_set else 1


def whose_of(options: argparse.Namespace) -> Whose:
    """By the one of --user, --channel, --group and --workspace that is given. Raises CommandError."""
    scope = next(scope for scope in Scope if getattr(options, scope.value) is not None)
    subject = str(getattr(options, scope.value)).removeprefix("@").strip()
    if subject == "each":
        subject = EACH
    if subject == EACH and scope is Scope.GROUP:
        # A group has an id and a handle: "each" would give it two budgets.
        raise CommandError("A group's budget names the group: --group data-team.")
    if not subject or ":" in subject:
        raise CommandError(f"--{scope} is an id, a handle, or `each`.")
    return Whose(scope, subject)


def line_json(line: BudgetLine) -> dict[str, Any]:
    budget = line.budget
    return {
        "budget": budget.name,
        "scope": budget.scope.value,
        "subject": budget.subject,
        "period": budget.period.value,
        "limit_bytes": budget.limit_bytes,
        "limit_usd": None if budget.limit_usd is None else float(budget.limit_usd),
        "on_exceeded": budget.on_exceeded.value,
        "owner": budget.owner,
        "standings": [_standing_json(standing) for standing in line.standings],
    }


def show_text(lines: Sequence[BudgetLine]) -> list[str]:
    if not lines:
        return ["No budget is set. For example: botctl budget set --user each --per day --bytes 100GB"]
    told: list[str] = []
    for line in lines:
        told.append(f"{line.budget.name}: {_limits(line.budget)}")
        told += [f"  {_standing_text(standing)}" for standing in line.standings[:_MOST_NAMED]]
        if (more := len(line.standings) - _MOST_NAMED) > 0:
            told.append(f"  and {more} more")
    return told


@asynccontextmanager
async def _book() -> AsyncGenerator[BudgetBook]:
    settings = await asyncio.to_thread(load_settings)
    async with open_existing_records(settings) as database:
        yield PostgresBudgetBook(database, ZoneInfo(settings.budget_time_zone))


def _tell(options: argparse.Namespace, told: dict[str, Any], line: str) -> None:
    print(json.dumps(told) if options.json else line)


def _limits(budget: Budget) -> str:
    limits = [
        *([bytes_text(budget.limit_bytes)] if budget.limit_bytes is not None else []),
        *([usd_text(float(budget.limit_usd))] if budget.limit_usd is not None else []),
    ]
    beyond = "blocked" if budget.on_exceeded is OnExceeded.BLOCK else "needs approval"
    owner = f", owner {budget.owner}" if budget.owner else ""
    return f"{' and '.join(limits)} a {budget.period}, beyond it {beyond}{owner}"


def _standing_text(standing: Standing) -> str:
    spent, held = standing.spent, standing.reserved
    reserved = f", {bytes_text(held.bytes)} held" if held.bytes else ""
    return (
        f"{standing.subject}: {int(standing.share * 100)}% used ({bytes_text(spent.bytes)}, "
        f"{usd_text(float(spent.usd))}{reserved}), starts anew {standing.resets}"
    )


def _standing_json(standing: Standing) -> dict[str, Any]:
    left_usd = standing.left_usd
    return {
        "subject": standing.subject,
        "spent_bytes": standing.spent.bytes,
        "spent_usd": float(standing.spent.usd),
        "reserved_bytes": standing.reserved.bytes,
        "reserved_usd": float(standing.reserved.usd),
        "left_bytes": standing.left_bytes,
        "left_usd": None if left_usd is None else float(left_usd),
        "resets": standing.resets,
    }
