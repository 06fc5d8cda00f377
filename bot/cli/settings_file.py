"""A file of settings as text: what it says, and one setting changed without touching any other line."""

import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final, NamedTuple

from bot.cli.errors import CommandError

PLAIN: Final = re.compile(r"[\w./:@,+%=-]*", re.ASCII)
"""Values that need no quotes anywhere."""


class Entry(NamedTuple):
    text: str
    """As it stands in the file, with the empty lines before it; together the entries are the file."""
    name: str | None = None
    """None: a comment, or a line that says nothing."""
    value: str = ""


class Syntax(NamedTuple):
    entries: Callable[[str], Sequence[Entry]]
    quoted: Callable[[str], str]


class SettingsFile:
    def __init__(self, syntax: Syntax, text: str = "") -> None:
        self._syntax = syntax
        self.text = text

    def values(self) -> dict[str, str]:
        """By upper-case name, as Settings has them; the last line of a name counts."""
        return {entry.name.upper(): entry.value for entry in self._entries() if entry.name is not None}

    def put(self, name: str, value: str) -> None:
        """On the line that says it now, else on the one that has it commented out, else at the end."""
        entries = self._entries()
        texts = [entry.text for entry in entries]
        line = f"{name}={self._syntax.quoted(value)}"
        at = _place(entries, name)
        if at is not None:
            texts[at] = _with_frame_of(texts[at], line)
        else:
            if texts and not texts[-1].endswith("\n"):
                texts[-1] += "\n"
            texts.append(f"{line}\n")
        changed = SettingsFile(self._syntax, "".join(texts))
        read_back = changed.values()
        if read_back.get(name) != value or read_back.keys() != self.values().keys() | {name}:
            raise CommandError(f"The value of {name} cannot be written to such a file: it would be read otherwise.")
        self.text = changed.text

    def drop(self, name: str) -> None:
        """Every line that says it."""
        self.text = "".join(entry.text for entry in self._entries() if not _says(entry, name))

    def _entries(self) -> Sequence[Entry]:
        return self._syntax.entries(self.text)


def read_settings_file(path: Path, syntax: Syntax) -> SettingsFile:
    """Of a file that is not there: nothing. Blocking; raises CommandError."""
    try:
        with path.open(encoding="utf-8", newline="") as file:  # line ends stay what they are
            return SettingsFile(syntax, file.read())
    except FileNotFoundError:
        return SettingsFile(syntax)
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise CommandError(f"{path} cannot be read ({reason}).") from None


def _place(entries: Sequence[Entry], name: str) -> int | None:
    says_it = [at for at, entry in enumerate(entries) if _says(entry, name)]
    if says_it:
        return says_it[-1]
    example = re.compile(rf"\s*#\s*{re.escape(name)}=")
    return next((at for at, entry in enumerate(entries) if entry.name is None and example.match(entry.text)), None)


def _says(entry: Entry, name: str) -> bool:
    return entry.name is not None and entry.name.upper() == name


def _with_frame_of(old: str, line: str) -> str:
    """*line* with the empty lines before *old*, its `export` and its line end."""
    before = old[: len(old) - len(old.lstrip())]
    export = "export " if old.lstrip().startswith("export ") else ""
    return f"{before}{export}{line}{old[len(old.rstrip()) :]}"
