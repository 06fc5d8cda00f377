"""A question to whoever types, before something is changed."""

import sys

from bot.cli.errors import CommandError


def confirmed(question: str, *, yes: bool) -> bool:
    """*yes*: it was answered on the command line. Raises CommandError where nobody can be asked."""
    if yes:
        return True
    if not sys.stdin.isatty():
        raise CommandError("Nobody is here to be asked whether it shall be changed: add --yes. Nothing was changed.")
    try:
        return input(f"{question} [y/N] ").strip().lower() in ("y", "yes")
    except EOFError:
        return False
