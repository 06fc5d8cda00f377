"""The options of `botctl sql` and `botctl policy`; each command imports its own world when it is called."""

import argparse
from collections.abc import Coroutine
from typing import Any

from bot.cli.amounts import dollars, size


def add_sql_commands(parser: argparse.ArgumentParser) -> None:
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    _add_sql_check(commands.add_parser("check", help="may this statement run? (asks neither BigQuery nor Postgres)"))


def add_policy_commands(parser: argparse.ArgumentParser) -> None:
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    _add_policy_test(commands.add_parser("test", help="is a policy file right, and what does it allow?"))
    _add_policy_replay(commands.add_parser("replay", help="what would a policy have made of past questions?"))


def _add_sql_check(parser: argparse.ArgumentParser) -> None:
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--sql", help="the statement")
    what.add_argument("--jsonl", metavar="FILE", help="lines with id and sql; one JSON verdict for each")
    parser.add_argument("--project", metavar="P", help="where DATASET.TABLE is looked for (else BIGQUERY_PROJECT)")
    parser.add_argument(
        "--grant",
        nargs="+",
        action="extend",
        metavar="PROJECT.DATASET",
        help="what may be read, '*' for every table (else BIGQUERY_DATASETS)",
    )
    parser.add_argument("--policy", metavar="FILE", help="what may be read by a policy file, by whom and where:")
    _add_who(parser)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.set_defaults(command=_sql_check)


def _add_policy_test(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE", help="the policy, as POLICY_FILE names it")
    parser.add_argument("--sql", help="what would become of this statement (else the file's own tests are run)")
    _add_who(parser)
    parser.add_argument("--project", metavar="P", help="of names without one (else BIGQUERY_PROJECT)")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.set_defaults(command=_policy_test)


def _add_policy_replay(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--policy", required=True, metavar="FILE", help="the new policy, as POLICY_FILE names it")
    parser.add_argument("--last", default="30d", metavar="DAY", help="since 2026-01-31, or 30d (ago, the default)")
    parser.add_argument("--auto-execute", type=dollars, metavar="USD", help="in place of what runs without approval")
    parser.add_argument("--max-bytes-billed", type=size, metavar="SIZE", help="in place of what one query may bill")
    parser.add_argument(
        "--channel-name", action="append", metavar="ID=NAME", help="for a policy that names channels; may be repeated"
    )
    parser.add_argument("--examples", type=int, default=3, metavar="N", help="of each change, the dearest first (3)")
    parser.add_argument("--project", metavar="P", help="of names without one (else BIGQUERY_PROJECT)")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.set_defaults(command=_policy_replay)


def _add_who(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--user", metavar="U", help="who asks (a Slack user id)")
    parser.add_argument("--group", action="append", metavar="G", help="a user group of theirs, id or handle")
    place = parser.add_mutually_exclusive_group()
    place.add_argument("--channel", metavar="C", help="where they ask, id or name")
    place.add_argument("--dm", action="store_true", help="alone with the bot (the default)")
    parser.add_argument("--external", action="store_true", help="people of another company are in the channel")
    parser.add_argument("--guest", action="store_true", help="who asks is a guest")


def _sql_check(options: argparse.Namespace) -> Coroutine[Any, Any, int]:
    from bot.cli.sql_check import sql_check  # noqa: PLC0415

    return sql_check(options)


def _policy_test(options: argparse.Namespace) -> Coroutine[Any, Any, int]:
    from bot.cli.policy_test import policy_test  # noqa: PLC0415

    return policy_test(options)


def _policy_replay(options: argparse.Namespace) -> Coroutine[Any, Any, int]:
    from bot.cli.policy_replay import policy_replay  # noqa: PLC0415

    return policy_replay(options)
