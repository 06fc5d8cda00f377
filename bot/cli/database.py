"""The options of `botctl db` and `botctl postgres`; each command imports its own world when it is called."""

import argparse
from collections.abc import Coroutine
from pathlib import Path
from typing import Any


def add_db_commands(parser: argparse.ArgumentParser) -> None:
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    check = commands.add_parser("check", help="is the server fit for Data Bolt, and has it connections enough?")
    check.add_argument("--to", metavar="URL", help="another server (- asks for it; else DATABASE_URL)")
    check.add_argument("--json", action="store_true", help="print one JSON object")
    check.set_defaults(command=_check)
    backup = commands.add_parser("backup", help="write a backup, prove that it can be read, remove the old ones")
    _add_folder(backup, "--into")
    backup.add_argument("--keep-days", type=_days, default=14, metavar="N", help="remove older ones, but the last (14)")
    backup.set_defaults(command=_backup)
    restore = commands.add_parser("restore", help="put a backup in the database's place; what was there is kept")
    restore.add_argument("file", nargs="?", type=Path, metavar="FILE", help="the backup (the newest of --from)")
    _add_folder(restore, "--from")
    restore.set_defaults(command=_restore)
    kept = commands.add_parser("kept", help="what restores have kept: list it, go back to it, drop it")
    what = kept.add_mutually_exclusive_group()
    what.add_argument("--use", metavar="NAME", help="put it in the database's place again")
    what.add_argument("--drop", metavar="NAME", help="remove it for good")
    kept.set_defaults(command=_kept)
    move = commands.add_parser("move", help="copy everything to another Postgres; this one stays as it is")
    move.add_argument("--to", required=True, metavar="URL", help="postgresql://USER:PASSWORD@HOST/DB (- asks for it)")
    move.add_argument("--check", action="store_true", help="look only: copy nothing")
    move.set_defaults(command=_move)


def add_postgres_commands(parser: argparse.ArgumentParser) -> None:
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    serve = commands.add_parser("serve", help="run it in the foreground, for the daemon that DATABASE_URL names")
    serve.add_argument("--data", type=Path, required=True, metavar="DIR", help="where its data is, or will be")
    serve.add_argument(
        "--socket-dir", type=Path, required=True, metavar="DIR", help="where it listens, and nowhere else"
    )
    serve.set_defaults(command=_serve)


def _add_folder(parser: argparse.ArgumentParser, option: str) -> None:
    parser.add_argument(option, dest="folder", type=Path, metavar="DIR", help="of the backups (backups in STATE_DIR)")


def _days(text: str) -> int:
    days = int(text)
    if days < 1:
        raise argparse.ArgumentTypeError("at least 1")
    return days


def _check(options: argparse.Namespace) -> Coroutine[Any, Any, int]:
    from bot.cli.db_check import db_check  # noqa: PLC0415

    return db_check(options)


def _backup(options: argparse.Namespace) -> Coroutine[Any, Any, int]:
    from bot.cli.db_backups import db_backup  # noqa: PLC0415

    return db_backup(options)


def _restore(options: argparse.Namespace) -> Coroutine[Any, Any, int]:
    from bot.cli.db_backups import db_restore  # noqa: PLC0415

    return db_restore(options)


def _kept(options: argparse.Namespace) -> Coroutine[Any, Any, int]:
    from bot.cli.db_backups import db_kept  # noqa: PLC0415

    return db_kept(options)


def _move(options: argparse.Namespace) -> Coroutine[Any, Any, int]:
    from bot.cli.db_move import db_move  # noqa: PLC0415

    return db_move(options)


def _serve(options: argparse.Namespace) -> Coroutine[Any, Any, int]:
    from bot.cli.postgres_serve import postgres_serve  # noqa: PLC0415

    return postgres_serve(options)
