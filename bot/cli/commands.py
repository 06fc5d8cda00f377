"""What botctl can do, by theme: one line for a command.

The options of a theme's commands stand in the module that the line names, and what a command does in a module of its
own, which is imported when the command is called.
"""

import argparse
from collections.abc import Callable, Mapping, Sequence
from typing import Final, NamedTuple

from bot.cli.configuring import add_env_commands, add_secrets_commands, add_sync_laas_key_command
from bot.cli.database import add_db_commands, add_postgres_commands
from bot.cli.doctor.options import add_doctor_command
from bot.cli.governing import add_policy_commands, add_sql_commands
from bot.cli.installing import add_completion_command, add_lock_command, add_manifest_command
from bot.cli.money import add_audit_commands, add_budget_commands
from bot.cli.prepare import add_prepare_command
from bot.cli.talking import (
    add_chat_command,
    add_evals_commands,
    add_local_command,
    add_run_command,
    add_simulate_command,
)
from bot.cli.tending import add_inbox_commands, add_outage_commands, add_turns_commands, add_version_command


class Command(NamedTuple):
    name: str
    help: str
    add_options: Callable[[argparse.ArgumentParser], None]
    """Its subcommands and options; the parser that has nothing below it gets `command`, a function, async or plain."""


COMMANDS: Final[Mapping[str, Sequence[Command]]] = {
    "Try it": (
        Command("run", "the bot, with local stand-ins for what .env does not name", add_run_command),
        Command("local", "the local stand-ins alone", add_local_command),
        Command("simulate", "one question, one answer, in this terminal", add_simulate_command),
        Command("chat", "a conversation in this terminal", add_chat_command),
        Command("evals", "golden questions", add_evals_commands),
    ),
    "Govern it": (
        Command("sql", "the gate: may this statement run?", add_sql_commands),
        Command("policy", "who may read what", add_policy_commands),
        Command("budget", "what may be spent, and what was", add_budget_commands),
        Command("audit", "what was decided and billed", add_audit_commands),
    ),
    "Set it up": (
        Command("manifest", "the Slack app, for api.slack.com to make", add_manifest_command),
        Command("secrets", "tokens, keys and passwords, from one place to another", add_secrets_commands),
        Command("env", "the other settings, into the unit's environment", add_env_commands),
        Command("sync-laas-key", "the model gateway's key, from AWS into .env", add_sync_laas_key_command),
        Command("completion", "what Tab offers, for bash, fish and zsh", add_completion_command),
        Command("prepare", "what a release does once before its first start", add_prepare_command),
    ),
    "Keep its data": (
        Command("db", "back it up, restore it, move it to another Postgres", add_db_commands),
        Command("postgres", "a Postgres for one VM, as a service of its own", add_postgres_commands),
    ),
    "Look after it": (
        Command("doctor", "what is wrong here, and how is it mended?", add_doctor_command),
        Command("inbox", "what waits, runs and failed; try it again, or drop it", add_inbox_commands),
        Command("turns", "answers as they are given, and what they cost", add_turns_commands),
        Command("outage", "tell the ops channel that a unit failed", add_outage_commands),
        Command("version", "which Data Bolt this is, and which one runs on this VM", add_version_command),
    ),
    "Work on it": (
        Command("lock", "move the lock files to the newest versions that pyproject.toml allows", add_lock_command),
    ),
}


def botctl_parser() -> argparse.ArgumentParser:
    """After parsing, `options.command` is what was asked for: async or plain, its value is the exit code."""
    parser = argparse.ArgumentParser(
        prog="botctl",
        usage="%(prog)s [-h] COMMAND ...",
        description="Run and look after Data Bolt.",
        epilog=_listing() + "\n\n`botctl COMMAND --help` says more.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    # The epilog lists them by theme; argparse would in one heap.
    chosen = parser.add_subparsers(prog="botctl", required=True, metavar="COMMAND", help=argparse.SUPPRESS)
    for theme in COMMANDS.values():
        for command in theme:
            command.add_options(chosen.add_parser(command.name, help=command.help, description=_sentence(command.help)))
    return parser


def _listing() -> str:
    width = max(len(command.name) for theme in COMMANDS.values() for command in theme)
    return "\n\n".join(
        "\n".join([f"{title}:", *(f"  {command.name:<{width}}  {command.help}" for command in theme)])
        for title, theme in COMMANDS.items()
    )


def _sentence(text: str) -> str:
    ended = text if text.endswith(("?", ".")) else f"{text}."
    return ended[:1].upper() + ended[1:]
