"""`botctl audit`: what was decided and billed, streamed out; and what is old enough to go."""

import argparse
import asyncio
import csv
import json
import sys
from collections.abc import AsyncGenerator, AsyncIterable, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final, TextIO, TypeAlias
from zoneinfo import ZoneInfo

from bot.cli.amounts import moment
from bot.cli.errors import CommandError
from bot.cli.records import open_existing_records
from bot.settings import load_settings
from bot.storage.audit import KEPT_DAYS, PostgresAudit
from bot.storage.tables import audit as audit_table

Row: TypeAlias = Mapping[str, Any]

_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n")
"""A cell that begins so is run by spreadsheets. People's words are in these cells."""


async def audit_export(options: argparse.Namespace) -> int:
    async with _audit() as (audit, zone):
        since = _moment(options.since, zone)
        until = datetime.now(UTC) if options.until is None else _moment(options.until, zone)
        rows = audit.rows(since, until)
        await (write_csv(rows, sys.stdout) if options.format == "csv" else write_jsonl(rows, sys.stdout))
    return 0


async def audit_prune(options: argparse.Namespace) -> int:
    async with _audit() as (audit, zone):
        before = _moment(options.before, zone)
        if before > datetime.now(UTC) - timedelta(days=KEPT_DAYS):
            raise CommandError(f"--before {options.before} is too late: {KEPT_DAYS} days of the audit are always kept.")
        removed = await audit.prune(before)
    print(json.dumps({"removed": removed}) if options.json else f"{removed} rows removed")
    return 0


async def write_jsonl(rows: AsyncIterable[Row], out: TextIO) -> None:
    async for row in rows:
        out.write(json.dumps({name: _plain(value) for name, value in row.items()}, ensure_ascii=False) + "\n")


async def write_csv(rows: AsyncIterable[Row], out: TextIO) -> None:
    """With a line of names, also where there is no row."""
    names = [column.name for column in audit_table.columns]
    # Every text is quoted: the writer would leave a bare carriage return as it is, and a reader ends the row there.
    writer = csv.writer(out, lineterminator="\n", quoting=csv.QUOTE_NONNUMERIC)
    writer.writerow(names)
    async for row in rows:
        writer.writerow([_cell(row[name]) for name in names])


def _cell(value: Any) -> Any:
    plain = _plain(value)
    if isinstance(plain, list | dict):
        plain = json.dumps(plain, ensure_ascii=False)
    if isinstance(plain, str) and plain.startswith(_FORMULA):
        return f"'{plain}"
    return plain


def _plain(value: Any) -> Any:
    match value:
        case datetime() | date():
            return value.isoformat()
        case Decimal():
            return float(value)
        case _:
            return value


def _moment(text: str, zone: ZoneInfo) -> datetime:
    try:
        return moment(text, zone)
    except ValueError as error:
        raise CommandError(str(error)) from None


@asynccontextmanager
async def _audit() -> AsyncGenerator[tuple[PostgresAudit, ZoneInfo]]:
    settings = await asyncio.to_thread(load_settings)
    async with open_existing_records(settings) as database:
        yield PostgresAudit(database), ZoneInfo(settings.budget_time_zone)
