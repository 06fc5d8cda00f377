"""How a unit's EnvironmentFile= is written: as systemd reads it (systemd.exec(5)), which no .env library does."""

import re
import shlex
from collections.abc import Sequence
from typing import Final

from bot.cli.settings_file import PLAIN, Entry, Syntax

_COMMENT: Final = re.compile(r"\s*[#;][^\n]*(?:\n|\Z)")
_NAME: Final = re.compile(r"\s*([^\s=][^\n=]*)=", re.ASCII)
_REST_OF_LINE: Final = re.compile(r"[^\n]*(?:\n|\Z)")
_VALUE: Final = re.compile(
    r"""
    [ \t\r]* (?:
        ' (?P<single> [^']* ) (?:'|\Z)
      | " (?P<double> (?: \\. | [^"\\] )* ) (?:"|\Z)
      | (?P<bare> (?: \\. | [^\s'"\\] ) (?: \\. | [^\n\\] )* )
    )
    """,
    re.VERBOSE | re.DOTALL,
)
"""A piece of a value. Quotes open one at the start of a piece only, and pieces are joined: 'it'"'"'s' is it's."""


def _entries(text: str) -> Sequence[Entry]:
    entries: list[Entry] = []
    at = 0
    while at < len(text):
        start = at
        if found := _COMMENT.match(text, at):
            at = found.end()
            entries.append(Entry(text[start:at]))
        elif found := _NAME.match(text, at):
            value, at = _value(text, found.end())
            entries.append(Entry(text[start:at], found[1].rstrip(), value))
        else:
            found = _REST_OF_LINE.match(text, at)
            assert found is not None, "it matches nothing too"
            at = found.end()
            entries.append(Entry(text[start:at]))
    return entries


def _value(text: str, at: int) -> tuple[str, int]:
    """And where the next line begins."""
    pieces: list[str] = []
    while found := _VALUE.match(text, at):
        at = found.end()
        if found["single"] is not None:
            pieces.append(found["single"])
        elif found["double"] is not None:
            pieces.append(_without_escapes(found["double"], of='"\\`$'))
        else:
            pieces.append(_without_escapes(found["bare"].rstrip(), of=None))
            break  # it goes to the end of the line, quotes and all
    found = _REST_OF_LINE.match(text, at)
    assert found is not None, "it matches nothing too"
    return "".join(pieces), found.end()


def _without_escapes(text: str, *, of: str | None) -> str:
    """A backslash goes before a character of *of* (None: any), and with the line end behind it."""

    def unescaped(found: re.Match[str]) -> str:
        character = found[1]
        if character == "\n":
            return ""
        return character if of is None or character in of else found[0]

    return re.sub(r"\\(.)", unescaped, text, flags=re.DOTALL)


def _quoted(value: str) -> str:
    if PLAIN.fullmatch(value):
        return value
    if "'" in value and not set(value) & set('"\\`$'):
        return f'"{value}"'
    return shlex.quote(value)


SYSTEMD: Final = Syntax(_entries, _quoted)
