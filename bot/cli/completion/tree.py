"""The parser as shells need it: what may follow each command, and what may follow each option."""

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias

Value: TypeAlias = Literal["none", "anything", "file"]
"""What an option wants behind it; `none`: nothing."""

_FILES: Final = frozenset({"FILE", "DIR", "PLACE"})
"""Metavars of what is found on this machine."""


@dataclass(frozen=True, slots=True)
class Option:
    flags: tuple[str, ...]
    help: str
    value: Value
    choices: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """Where the words before the cursor lead: `/budget/set`, and "" in the beginning."""

    path: str
    commands: tuple[tuple[str, str], ...]
    """With their help."""
    options: tuple[Option, ...]
    words: tuple[str, ...]
    """What may stand here itself."""
    takes_files: bool


def places_of(parser: argparse.ArgumentParser, path: str = "") -> Iterator[Place]:
    """*parser*'s own, then those of its commands."""
    actions: Sequence[argparse.Action] = parser._actions  # argparse shows them in no other way
    below: Any = next((action for action in actions if isinstance(action.choices, dict)), None)
    commands: dict[str, argparse.ArgumentParser] = below.choices if below else {}
    helps = {action.dest: action.help or "" for action in below._choices_actions} if below else {}
    positional = [action for action in actions if not action.option_strings and action is not below]
    yield Place(
        path,
        commands=tuple((name, helps.get(name, "")) for name in commands),
        options=tuple(_option(action) for action in actions if action.option_strings),
        words=tuple(word for action in positional for word in _choices(action)),
        takes_files=any(_value(action) == "file" for action in positional),
    )
    for name, command in commands.items():
        yield from places_of(command, f"{path}/{name}")


def _option(action: argparse.Action) -> Option:
    said = "" if action.help in (None, argparse.SUPPRESS) else action.help.replace("%(default)s", str(action.default))
    return Option(tuple(action.option_strings), said, _value(action), _choices(action))


def _choices(action: argparse.Action) -> tuple[str, ...]:
    choices: Any = action.choices
    return tuple(str(choice) for choice in choices or ())


def _value(action: argparse.Action) -> Value:
    if action.nargs == 0:
        return "none"
    return "file" if action.metavar in _FILES else "anything"
