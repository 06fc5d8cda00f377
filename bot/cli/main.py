"""botctl: run and look after Data Bolt from a terminal. What it can do stands in commands.py."""

import argparse
import asyncio
import os
import sys
from collections.abc import Callable, Coroutine, Sequence
from typing import Any, TypeAlias

from bot.cli.commands import botctl_parser
from bot.cli.errors import CommandError
from bot.settings import ConfigurationError

CONFIGURATION_ERROR = 78
USAGE_ERROR = 2

Run: TypeAlias = Callable[[argparse.Namespace], Coroutine[Any, Any, int] | int]
"""A command with nothing to wait for is a plain function: it may block, and Ctrl-C ends it."""


def main(argv: Sequence[str] | None = None) -> int:
    options = botctl_parser().parse_args(argv)
    run: Run = options.command
    try:
        outcome = run(options)
        return outcome if isinstance(outcome, int) else asyncio.run(outcome)
    except ConfigurationError as error:
        print(f"botctl: {error}", file=sys.stderr)
        return CONFIGURATION_ERROR
    except CommandError as error:
        print(f"botctl: {error}", file=sys.stderr)
        return USAGE_ERROR
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:  # `botctl ... | head` has read enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # or Python complains when it flushes at its end
        return 0
    except Exception as error:  # the boundary of the command line: what a person can mend is one sentence
        from bot.cli.failures import sentence_of  # noqa: PLC0415  # its imports are loaded by now, not for --help

        sentence = sentence_of(error)
        if sentence is None:
            raise
        print(f"botctl: {sentence}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
