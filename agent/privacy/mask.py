"""Personal data and secrets replaced by placeholders, and put back: one mask for one turn."""

import re
from collections.abc import Callable
from typing import Final

from agent.privacy.patterns import KINDS, find_personal_data
from agent.privacy.sql_literals import put_into_sql, string_literal

_NAME: Final = rf"(?:{'|'.join(sorted(KINDS))})_\d+"
_BRACKETED: Final = re.compile(rf"(?:<|&lt;)[ ]?(?P<name>{_NAME})[ ]?(?:>|&gt;)", re.IGNORECASE)
_ANY: Final = re.compile(rf"{_BRACKETED.pattern}|\b(?P<word>{_NAME})\b", re.IGNORECASE)
"""Small models lose the brackets, or write them as HTML."""


def holds_placeholder(text: str) -> bool:
    """Whether a placeholder is left in *text*: after restoring, one that a model made up."""
    return _BRACKETED.search(text) is not None


class Mask:
    """The same value has the same placeholder, `<EMAIL_1>`, wherever it comes up in the turn."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}
        self._values: dict[str, str] = {}

    def hide(self, text: str, *, beside: str = "") -> str:
        """*text* without what `find_personal_data` finds in it; *beside* is what else stands in the prompt."""
        parts: list[str] = []
        end = 0
        for span in find_personal_data(text):
            name = self._name(span.kind, text[span.start : span.end], f"{text}\n{beside}")
            parts += [text[end : span.start], f"<{name}>"]
            end = span.end
        return "".join([*parts, text[end:]])

    def names_in(self, text: str) -> list[str]:
        """The placeholders of this mask that *text* holds, with their brackets."""
        return [f"<{name}>" for name in self._values if f"<{name}>" in text]

    def restore(self, text: str) -> str:
        """*text*, written with placeholders, as people may read it."""
        return self._put(_ANY, text, str)

    def restore_sql(self, sql: str) -> str:
        """The same for GoogleSQL, which means what it meant: each value is text within a string literal."""
        return put_into_sql(
            sql,
            within=lambda text, spell: self._put(_ANY, text, spell),
            bare=lambda text: self._put(_BRACKETED, text, string_literal),
        )

    def _name(self, kind: str, value: str, around: str) -> str:
        if value in self._names:
            return self._names[value]
        number = 1
        # A person, or a table, may use the very words: what stands there already is no placeholder of ours.
        while (name := f"{kind}_{number}") in self._values or name.lower() in around.lower():
            number += 1
        self._names[value] = name
        self._values[name] = value
        return name

    def _put(self, pattern: re.Pattern[str], text: str, spell: Callable[[str], str]) -> str:
        """One pass: what a value holds is not looked at again."""

        def put(found: re.Match[str]) -> str:
            name = next(name for name in found.groupdict().values() if name)
            value = self._values.get(name.upper())
            return found[0] if value is None else spell(value)

        return pattern.sub(put, text)
