"""The options of `botctl inbox`, `outage`, `turns`, `version`; each command imports its own world when it is called."""

import argparse
from collections.abc import Coroutine
from typing import Any


def add_inbox_commands(parser: argparse.ArgumentParser) -> None:
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    listing = commands.add_parser("list", help="what waits, is tried again, runs, and failed for good; oldest first")
    listing.add_argument(
        "--state",
        action="append",
        choices=("waiting", "retrying", "running", "failed", "done"),
        help="only these; may be repeated (all but done)",
    )
    listing.add_argument("--limit", type=_count, default=200, metavar="N", help="the newest N (200)")
    listing.add_argument("--words", action="store_true", help="with what people said, and whole errors")
    listing.add_argument("--json", action="store_true", help="print a JSON object a line")
    listing.set_defaults(command=_inbox_list)
    retry = commands.add_parser(
        "retry",
        help="try again what failed, now",
        description="Puts a dead letter back into the queue as if it had never failed, under another id; what waits for"
        " its next try is taken at once. Its reply in Slack is continued: nobody gets a second one.",
    )
    _add_id(retry)
    retry.set_defaults(command=_inbox_retry)
    drop = commands.add_parser(
        "drop",
        help="give up what waits, be done with what failed",
        description="What waits is given up by the next worker that is free: whoever asked is told so, with a"
        " reference, and the item is a dead letter. A dead letter is done with. What runs is never touched.",
    )
    _add_id(drop)
    drop.set_defaults(command=_inbox_drop)


def add_outage_commands(parser: argparse.ArgumentParser) -> None:
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    report = commands.add_parser(
        "report",
        help="tell SLACK_OPS_CHANNEL that a unit failed, once per outage",
        description="What slack-bot-failed@.service runs whenever a unit of ours has failed. The daemon says by itself"
        " when it is back.",
    )
    report.add_argument("--unit", required=True, help="the unit that failed: slack-bot, slack-bot@green, ...")
    report.set_defaults(command=_outage_report)


def add_turns_commands(parser: argparse.ArgumentParser) -> None:
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    tail = commands.add_parser(
        "tail",
        help="turns as they finish, a line each: outcome, action, seconds, bytes, dollars, tokens",
        description="The last turns that finished, a line each: what became of them, how long it took and what it"
        " cost; never what was said. Those of the last two days are there; the log has the older ones.",
    )
    tail.add_argument("-n", "--lines", type=_count, default=20, metavar="N", help="how many of the last (20)")
    tail.add_argument("-f", "--follow", action="store_true", help="and each one that finishes, until Ctrl-C")
    tail.add_argument("--conversation", metavar="KEY", help="of this conversation only: TEAM:CHANNEL:TS")
    tail.add_argument("--json", action="store_true", help="print a JSON object a line")
    tail.set_defaults(command=_turns_tail)


def add_version_command(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--deployed", action="store_true", help="what is installed on this VM, and what of it runs")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.set_defaults(command=_version)


def _add_id(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("id", metavar="ID", help="of `botctl inbox list`, or the log's `item`")


def _count(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= 10_000:
        raise argparse.ArgumentTypeError(f"{text!r} is no number from 1 to 10000")
    return int(text)


def _outage_report(options: argparse.Namespace) -> Coroutine[Any, Any, int]:
    from bot.cli.outage import report  # noqa: PLC0415

    return report(options)


def _inbox_list(options: argparse.Namespace) -> Coroutine[Any, Any, int]:
    from bot.cli.inbox import inbox_list  # noqa: PLC0415

    return inbox_list(options)


def _inbox_retry(options: argparse.Namespace) -> Coroutine[Any, Any, int]:
    from bot.cli.inbox import inbox_retry  # noqa: PLC0415

    return inbox_retry(options)


def _inbox_drop(options: argparse.Namespace) -> Coroutine[Any, Any, int]:
    from bot.cli.inbox import inbox_drop  # noqa: PLC0415

    return inbox_drop(options)


def _turns_tail(options: argparse.Namespace) -> Coroutine[Any, Any, int]:
    from bot.cli.turns import turns_tail  # noqa: PLC0415

    return turns_tail(options)


def _version(options: argparse.Namespace) -> int:
    from bot.cli.version import version  # noqa: PLC0415

    return version(options)
