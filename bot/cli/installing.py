"""The options of what is done on the way to a running service; each command imports its own world when it is called."""

import argparse


def add_manifest_command(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--check", action="store_true", help="say what it asks for and why, and whether Slack takes it")
    parser.set_defaults(command=_manifest)


async def _manifest(options: argparse.Namespace) -> int:
    from bot.cli.manifest import manifest  # noqa: PLC0415

    return await manifest(options)
