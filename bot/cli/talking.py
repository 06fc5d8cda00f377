"""The options of `botctl run`, `local`, `simulate`, `chat` and `evals`: where somebody answers.

Each command imports its own world when it is called, so that --help stays instant.
"""

import argparse
from collections.abc import Coroutine
from typing import Any

from bot.cli.cases import CASES


def add_run_command(parser: argparse.ArgumentParser) -> None:
    _add_model(parser)
    parser.add_argument("--port", type=int, default=8484, help="the page's port (another is taken when it is in use)")
    parser.set_defaults(command=_run)


def add_local_command(parser: argparse.ArgumentParser) -> None:
    _add_model(parser)
    parser.add_argument("--only", default="slack,bigquery,model", help="comma-separated: slack, bigquery, model")
    parser.add_argument("--port", type=int, default=8484, help="the page's port")
    parser.set_defaults(command=_local)


def add_simulate_command(parser: argparse.ArgumentParser) -> None:
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--text", help="the message")
    what.add_argument("--case", choices=sorted(CASES), help="a conversation with a name")
    _add_place(parser)
    parser.add_argument("--via-socket", action="store_true", help="through workspace, WebSocket, inbox and workers")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    _add_model(parser)
    parser.set_defaults(command=_simulate)


def add_chat_command(parser: argparse.ArgumentParser) -> None:
    _add_place(parser)
    _add_model(parser)
    parser.set_defaults(command=_chat)


def add_evals_commands(parser: argparse.ArgumentParser) -> None:
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    _add_evals_run(commands.add_parser("run", help="ask every question of a suite and compare with its gold answer"))


def _add_evals_run(parser: argparse.ArgumentParser) -> None:
    suites = ("demo", "sql", "routing", "clarification", "refusal", "injection")
    parser.add_argument("--suite", choices=suites, default="demo", help="what is asked (demo: the 30 questions)")
    parser.add_argument("--only", help="comma-separated ids of cases")
    parser.add_argument("--token-price", metavar="IN,OUT", help="US dollars per million tokens, for the cost")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    _add_model(parser)
    parser.set_defaults(command=_evals_run)


def _add_place(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--user", help="who speaks (a Slack user id)")
    parser.add_argument("--channel", help="where (a Slack channel id)")
    parser.add_argument("--thread-ts", help="continue the conversation of this thread")


def _add_model(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--model",
        choices=("auto", "local", "scripted"),
        default="auto",
        help="who answers: the endpoint of .env, else a small model on this machine (auto); that model; a script",
    )


def _run(options: argparse.Namespace) -> Coroutine[Any, Any, int]:
    from bot.cli.run import run  # noqa: PLC0415

    return run(options)


def _local(options: argparse.Namespace) -> Coroutine[Any, Any, int]:
    from bot.cli.local import local  # noqa: PLC0415

    return local(options)


def _simulate(options: argparse.Namespace) -> Coroutine[Any, Any, int]:
    from bot.cli.simulate import simulate  # noqa: PLC0415

    return simulate(options)


def _chat(options: argparse.Namespace) -> Coroutine[Any, Any, int]:
    from bot.cli.chat import chat  # noqa: PLC0415

    return chat(options)


def _evals_run(options: argparse.Namespace) -> Coroutine[Any, Any, int]:
    from bot.cli.evals import evals_run  # noqa: PLC0415

    return evals_run(options)
