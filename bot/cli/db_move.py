"""`botctl db move`: from the embedded Postgres to a server, or from one server to another."""

import argparse
import asyncio
import getpass
import sys
from dataclasses import dataclass

from psycopg.conninfo import conninfo_to_dict

from bot.cli.db_backups import open_database_of
from bot.cli.errors import CommandError
from bot.logging import configure_logging
from bot.settings import load_settings
from bot.storage.checkpoints import set_up
from bot.storage.database import StorageRefused, libpq_uri
from bot.storage.migrations import migrate
from bot.storage.move import Content, Moved, TableName, copy_everything
from bot.storage.move_target import examine_target, refuse_foreign_tables
from bot.storage.server_facts import ServerFacts, read_server_facts
from bot.storage.swap import Neighbours


@dataclass(frozen=True, slots=True)
class Ends:
    source: str
    target: str


async def db_move(options: argparse.Namespace) -> int:
    configure_logging("warning")
    settings = await asyncio.to_thread(load_settings)
    target = await asyncio.to_thread(asked_address, options.to)
    async with open_database_of(settings) as source:
        ends = Ends(source, target)
        await _look(ends)
        if options.check:
            print("Nothing stands in the way of the move.")
            return 0
        moved = await _move(ends)
    _tell_what_next(moved, embedded=settings.database_url is None)
    return 0


def asked_address(given: str) -> str:
    """As libpq takes it. `-` asks for it, so that its password stands in no list of processes. Raises CommandError."""
    text = given
    if given == "-":
        text = (
            getpass.getpass("Address of the other Postgres: ") if sys.stdin.isatty() else sys.stdin.readline()
        ).strip()
    try:
        return libpq_uri(text)
    except ValueError:
        raise CommandError("The address starts with postgresql://.") from None


async def _look(ends: Ends) -> None:
    """What can be known before anything is written. Raises StorageRefused."""
    here, there = await read_server_facts(ends.source), await examine_target(ends.target)
    await asyncio.to_thread(refuse_foreign_tables, ends.target)
    if here.revision and here.revision not in here.known_revisions:
        raise StorageRefused(f"The tables are of a newer release ({here.revision}): move with that release's botctl.")
    print(f"from  {_place(ends.source, here)}")
    print(f"to    {_place(ends.target, there)}")
    await asyncio.to_thread(Neighbours(ends.source).refuse_if_used)


async def _move(ends: Ends) -> Moved:
    for uri in (ends.source, ends.target):
        await asyncio.to_thread(migrate, uri)
        await set_up(uri)
    return await asyncio.to_thread(copy_everything, ends.source, ends.target, _tell_of_table)


def _tell_of_table(table: TableName, content: Content) -> None:
    print(f"  {table}: {content.rows:,} rows, the same on both sides", flush=True)


def _tell_what_next(moved: Moved, *, embedded: bool) -> None:
    if moved.was_there:
        print(f"Both hold the same {moved.rows:,} rows in {moved.tables} tables: an earlier move went through.")
    else:
        print(f"{moved.rows:,} rows in {moved.tables} tables, and the numbering goes on. Nothing was removed here.")
    if moved.left_behind:
        print(f"Not Data Bolt's, and left where they are: {', '.join(moved.left_behind)}")
    print("Now let the daemon use it:")
    print("  1. DATABASE_URL: the new address. On a VM that is the secret database_url, wherever SECRETS_FROM")
    print("     of /etc/slack-bot/secrets.env says that secrets come from (/etc/slack-bot/secrets/database_url).")
    print("  2. systemctl restart slack-bot-secrets && systemctl start slack-bot && botctl doctor")
    if embedded:
        print("To go back: take the line out again.")
    else:
        print("  3. When all is well: systemctl disable --now slack-bot-postgres")
        print("To go back: put the old address in again (and start slack-bot-postgres).")
    print("What is asked from now on is kept in the new place only.")


def _place(uri: str, facts: ServerFacts) -> str:
    """Without the password."""
    parts = conninfo_to_dict(uri)
    return f"Postgres {facts.version} at {parts.get('host') or 'localhost'}, database {facts.database}, as {facts.role}"
