"""The options of `botctl budget` and `botctl audit`; each command imports its own world when it is called."""

import argparse
from collections.abc import Coroutine
from typing import Any

from bot.cli.amounts import dollars, size


def add_budget_commands(parser: argparse.ArgumentParser) -> None:
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    show = commands.add_parser("show", help="every budget, and who has drawn on it")
    _add_json(show)
    show.set_defaults(command=_show)
    put = commands.add_parser("set", help="set a budget, in place of the one for the same whom and period")
    _add_whose(put)
    put.add_argument("--bytes", type=size, metavar="SIZE", help="what queries may bill: 100GB, 1.5TiB")
    put.add_argument("--usd", type=dollars, metavar="AMOUNT", help="what queries and model calls may cost: 5, 12.50")
    put.add_argument("--on-exceeded", choices=("block", "approval"), default="block", help="what then (block)")
    put.add_argument("--owner", metavar="USER", help="who may let a query run beyond it (a Slack user id)")
    _add_json(put)
    put.set_defaults(command=_set)
    unset = commands.add_parser("unset", help="take a budget away")
    _add_whose(unset)
    _add_json(unset)
    unset.set_defaults(command=_unset)


def add_audit_commands(parser: argparse.ArgumentParser) -> None:
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    export = commands.add_parser("export", help="every decision, job and model call, oldest first")
    export.add_argument("--since", required=True, metavar="DAY", help="2026-01-31, 2026-01-31T09:30, or 30d (ago)")
    export.add_argument("--until", metavar="DAY", help="up to, not including (now)")
    export.add_argument("--format", choices=("csv", "jsonl"), default="jsonl", help="(jsonl)")
    export.set_defaults(command=_export)
    prune = commands.add_parser("prune", help="remove rows older than a day, for good")
    prune.add_argument("--before", required=True, metavar="DAY", help="2026-01-31, or 400d (ago); at least 30 days ago")
    _add_json(prune)
    prune.set_defaults(command=_prune)


def _add_whose(parser: argparse.ArgumentParser) -> None:
    whose = parser.add_mutually_exclusive_group(required=True)
    whose.add_argument("--user", metavar="ID", help="a Slack user id, or each")
    whose.add_argument("--channel", metavar="ID", help="a Slack channel id, or each")
    whose.add_argument("--group", metavar="NAME", help="a Slack user group's id or handle")
    whose.add_argument("--workspace", metavar="ID", nargs="?", const="each", help="a Slack team id (all of them)")
    parser.add_argument("--per", required=True, choices=("day", "month"), help="in BUDGET_TIME_ZONE")


def _add_json(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print JSON")


def _show(options: argparse.Namespace) -> Coroutine[Any, Any, int]:
    from bot.cli.budget import budget_show  # noqa: PLC0415

    return budget_show(options)


def _set(options: argparse.Namespace) -> Coroutine[Any, Any, int]:
    from bot.cli.budget import budget_set  # noqa: PLC0415

    return budget_set(options)


def _unset(options: argparse.Namespace) -> Coroutine[Any, Any, int]:
    from bot.cli.budget import budget_unset  # noqa: PLC0415

    return budget_unset(options)


def _export(options: argparse.Namespace) -> Coroutine[Any, Any, int]:
    from bot.cli.audit import audit_export  # noqa: PLC0415

    return audit_export(options)


def _prune(options: argparse.Namespace) -> Coroutine[Any, Any, int]:
    from bot.cli.audit import audit_prune  # noqa: PLC0415

    return audit_prune(options)
