"""How .env files are written: as python-dotenv reads them, and so Settings."""

import io
from collections.abc import Sequence
from typing import Final

from dotenv import dotenv_values
from dotenv.parser import parse_stream

from bot.cli.settings_file import PLAIN, Entry, Syntax


def _entries(text: str) -> Sequence[Entry]:
    values = dotenv_values(stream=io.StringIO(text))  # with ${NAME} filled in, which the parser alone does not do
    entries: list[Entry] = []
    for binding in parse_stream(io.StringIO(text)):
        value = values.get(binding.key) if binding.key else None
        says = binding.key if value is not None else None
        entries.append(Entry(binding.original.string, says, value or ""))
    return entries


def _quoted(value: str) -> str:
    if PLAIN.fullmatch(value):
        return value
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


DOTENV: Final = Syntax(_entries, _quoted)
