"""botctl: run and look at Data Bolt from a terminal."""

import argparse
import asyncio
import sys
from collections.abc import Callable, Coroutine, Sequence
from typing import Any, TypeAlias

from bot.cli.amounts import dollars, size
from bot.cli.cases import CASES
from bot.cli.errors import CommandError
from bot.cli.money import add_audit_commands, add_budget_commands
from bot.settings import ConfigurationError

CONFIGURATION_ERROR = 78
USAGE_ERROR = 2

Command: TypeAlias = Callable[[argparse.Namespace], Coroutine[Any, Any, int]]


def main(argv: Sequence[str] | None = None) -> int:
    options = _parser().parse_args(argv)
    command: Command = options.command
    try:
        return asyncio.run(command(options))
    except ConfigurationError as error:
        print(f"botctl: {error}", file=sys.stderr)
        return CONFIGURATION_ERROR
    except CommandError as error:
        print(f"botctl: {error}", file=sys.stderr)
        return USAGE_ERROR
    except KeyboardInterrupt:
        return 130
    except Exception as error:  # the boundary of the command line: what a person can mend is one sentence
        from bot.cli.failures import sentence_of  # noqa: PLC0415  # its imports are loaded by now, not for --help

        sentence = sentence_of(error)
        if sentence is None:
            raise
        print(f"botctl: {sentence}", file=sys.stderr)
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="botctl", description="Run and look at Data Bolt.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    _add_run(commands.add_parser("run", help="the bot, with local stand-ins for what .env does not name"))
    _add_local(commands.add_parser("local", help="the local stand-ins alone"))
    _add_simulate(commands.add_parser("simulate", help="one question, one answer, in this terminal"))
    _add_chat(commands.add_parser("chat", help="a conversation in this terminal"))
    evals = commands.add_parser("evals", help="golden questions").add_subparsers(required=True, metavar="COMMAND")
    _add_evals_run(evals.add_parser("run", help="ask every question of a suite and compare with its gold answer"))
    add_budget_commands(commands.add_parser("budget", help="what may be spent, and what was"))
    add_audit_commands(commands.add_parser("audit", help="what was decided and billed"))
    _add_manifest(commands.add_parser("manifest", help="the Slack app, for api.slack.com to make"))
    sql = commands.add_parser("sql", help="the gate").add_subparsers(required=True, metavar="COMMAND")
    policy = commands.add_parser("policy", help="who may read what").add_subparsers(required=True, metavar="COMMAND")
    _add_policy_test(policy.add_parser("test", help="is a policy file right, and what does it allow?"))
    _add_policy_replay(policy.add_parser("replay", help="what would a policy have made of past questions?"))
    _add_sql_check(sql.add_parser("check", help="may this statement run? (asks neither BigQuery nor Postgres)"))
    return parser


# Each command imports its own world, so that --help stays instant.


async def _run(options: argparse.Namespace) -> int:
    from bot.cli.run import run  # noqa: PLC0415

    return await run(options)


async def _local(options: argparse.Namespace) -> int:
    from bot.cli.local import local  # noqa: PLC0415

    return await local(options)


async def _simulate(options: argparse.Namespace) -> int:
    from bot.cli.simulate import simulate  # noqa: PLC0415

    return await simulate(options)


async def _chat(options: argparse.Namespace) -> int:
    from bot.cli.chat import chat  # noqa: PLC0415

    return await chat(options)


async def _evals_run(options: argparse.Namespace) -> int:
    from bot.cli.evals import evals_run  # noqa: PLC0415

    return await evals_run(options)


async def _manifest(options: argparse.Namespace) -> int:
    from bot.cli.manifest import manifest  # noqa: PLC0415

    return await manifest(options)


async def _policy_replay(options: argparse.Namespace) -> int:
    from bot.cli.policy_replay import policy_replay  # noqa: PLC0415

    return await policy_replay(options)


async def _policy_test(options: argparse.Namespace) -> int:
    from bot.cli.policy_test import policy_test  # noqa: PLC0415

    return await policy_test(options)


async def _sql_check(options: argparse.Namespace) -> int:
    from bot.cli.sql_check import sql_check  # noqa: PLC0415

    return await sql_check(options)


def _add_model(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--model",
        choices=("auto", "local", "scripted"),
        default="auto",
        help="who answers: the endpoint of .env, else a small model on this machine (auto); that model; a script",
    )


def _add_run(parser: argparse.ArgumentParser) -> None:
    _add_model(parser)
    parser.add_argument("--port", type=int, default=8484, help="the page's port (another is taken when it is in use)")
    parser.set_defaults(command=_run)


def _add_local(parser: argparse.ArgumentParser) -> None:
    _add_model(parser)
    parser.add_argument("--only", default="slack,bigquery,model", help="comma-separated: slack, bigquery, model")
    parser.add_argument("--port", type=int, default=8484, help="the page's port")
    parser.set_defaults(command=_local)


def _add_simulate(parser: argparse.ArgumentParser) -> None:
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--text", help="the message")
    what.add_argument("--case", choices=sorted(CASES), help="a conversation with a name")
    _add_place(parser)
    parser.add_argument("--via-socket", action="store_true", help="through workspace, WebSocket, inbox and workers")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    _add_model(parser)
    parser.set_defaults(command=_simulate)


def _add_place(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--user", help="who speaks (a Slack user id)")
    parser.add_argument("--channel", help="where (a Slack channel id)")
    parser.add_argument("--thread-ts", help="continue the conversation of this thread")


def _add_chat(parser: argparse.ArgumentParser) -> None:
    _add_place(parser)
    _add_model(parser)
    parser.set_defaults(command=_chat)


def _add_evals_run(parser: argparse.ArgumentParser) -> None:
    suites = ("demo", "sql", "routing", "clarification", "refusal", "injection")
    parser.add_argument("--suite", choices=suites, default="demo", help="what is asked (demo: the 30 questions)")
    parser.add_argument("--only", help="comma-separated ids of cases")
    parser.add_argument("--token-price", metavar="IN,OUT", help="US dollars per million tokens, for the cost")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    _add_model(parser)
    parser.set_defaults(command=_evals_run)


def _add_manifest(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--check", action="store_true", help="say what it asks for and why, and whether Slack takes it")
    parser.set_defaults(command=_manifest)


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


def _add_who(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--user", metavar="U", help="who asks (a Slack user id)")
    parser.add_argument("--group", action="append", metavar="G", help="a user group of theirs, id or handle")
    place = parser.add_mutually_exclusive_group()
    place.add_argument("--channel", metavar="C", help="where they ask, id or name")
    place.add_argument("--dm", action="store_true", help="alone with the bot (the default)")
    parser.add_argument("--external", action="store_true", help="people of another company are in the channel")
    parser.add_argument("--guest", action="store_true", help="who asks is a guest")


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


if __name__ == "__main__":
    sys.exit(main())
