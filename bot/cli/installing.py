"""The options of what is done on the way to a running service; each command imports its own world when it is called."""

import argparse
from collections.abc import Coroutine
from typing import Any


def add_manifest_command(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--check", action="store_true", help="say what it asks for and why, and whether Slack takes it")
    parser.set_defaults(command=_manifest)


def add_completion_command(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("shell", choices=("bash", "fish", "zsh"), help="for bash: source <(botctl completion bash)")
    parser.set_defaults(command=_completion)


def add_lock_command(parser: argparse.ArgumentParser) -> None:
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--package", action="append", default=[], metavar="NAME", help="move this one alone; repeatable")
    what.add_argument("--keep", action="store_true", help="move nothing that need not: only follow pyproject.toml")
    parser.set_defaults(command=_lock)


def _manifest(options: argparse.Namespace) -> Coroutine[Any, Any, int]:
    from bot.cli.manifest import manifest  # noqa: PLC0415

    return manifest(options)


def _completion(options: argparse.Namespace) -> int:
    from bot.cli.completion.command import completion  # noqa: PLC0415

    return completion(options)


def _lock(options: argparse.Namespace) -> int:
    from bot.cli.lock import lock  # noqa: PLC0415

    return lock(options)
