"""The options of `botctl doctor`; it imports its world when it is called."""

import argparse
from collections.abc import Coroutine
from typing import Any


def add_doctor_command(parser: argparse.ArgumentParser) -> None:
    parser.description = (
        "Look at everything that Data Bolt needs, change nothing, and say what is wrong and how to mend it. "
        "The exit code is 1 when something has to be mended."
    )
    parser.add_argument(
        "--only", type=_names, metavar="CHECK,...", help="these checks, and what they need (their names: see a run)"
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.set_defaults(command=_doctor)


def _names(text: str) -> frozenset[str]:
    return frozenset(name.strip() for name in text.split(",") if name.strip())


def _doctor(options: argparse.Namespace) -> Coroutine[Any, Any, int]:
    from bot.cli.doctor.command import doctor  # noqa: PLC0415

    return doctor(options)
