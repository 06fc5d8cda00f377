"""What a line of the log may say: everything in it is looked at once, where lines are made.

Secrets are found by value and by shape (`secrets`), personal data by the patterns that keep it from the model, and what
libraries quote of people's words and rows in their errors is left out.
"""

import functools
import re
from collections.abc import Iterable, Mapping
from typing import Final, cast

from agent.quotes import without_quotes
from bot.logging.secrets import REDACTED, Secrets, is_secret_field

LONGEST_TEXT: Final = 20_000
"""Characters of one field: what is longer would hold up the event loop while it is searched."""
LONGEST_SEARCH: Final = 1_000
"""Characters of one field in which personal data is looked for, where it may be: in 0.1 s at worst. The rest goes."""
_KEPT_BEHIND: Final = 5_000
"""The end of a traceback says what happened."""
LONGEST_ERROR: Final = 500
"""Characters of what another service said went wrong: it may answer with a page. Cut when its secrets are hidden."""
_OF_OTHERS: Final = frozenset({"error", "response"})
_DEEPEST: Final = 6
_CACHED_LENGTH: Final = 200
"""Characters: event names, ids and words come again with every line; tracebacks do not."""

_MAY_BE_PERSONAL: Final = re.compile(r"@|(?<![\w.])(?!1\d{9}\.\d{6}(?!\d))\+?\d(?:[ ().-]{0,2}\d){8,}")
"""An address, or nine digits, but for Slack's ts. Few lines hold them, and the search itself takes up to 1 ms."""
_NOT_HIDDEN: Final = frozenset({"IP", "CUT", "SECRET"})
"""Addresses of machines are what operators look for; secrets are hidden by then."""
_NOBODYS_ADDRESS: Final = re.compile(r"\S+@(?:[\w.-]+\.)?(?:gserviceaccount\.com|service|socket|timer)\Z")
"""Who lacks a right in BigQuery, and which of blue and green it was: accounts and units are no persons."""
_ROW_IN_ERROR: Final = re.compile(
    r"(?:^|(?<=\\n))(DETAIL|CONTEXT):.*(?:\n(?![A-Z]+:|\s*\n|\[SQL|\(Background|\s*File ).+)*", re.MULTILINE
)
"""Postgres quotes the row that it does not take."""
_INPUT_IN_ERROR: Final = re.compile(r"input_value=.*?(?=, input_type=|\Z)", re.DOTALL)
"""So does pydantic."""
_WORDY_ERROR: Final = re.compile(
    r"^(?P<indent>[ |+-]*)(?P<kind>(?:google|openai|sqlglot|sqlalchemy|psycopg|agent)\.[\w.]+): "
    r"(?P<words>.*(?:\n(?!\s*\n|Traceback|[ |+-]*Traceback|\w[\w.]*(?:Error|Exception)\b).+)*)",
    re.MULTILINE,
)
"""In a traceback: errors whose words are another service's, who repeats the SQL's literals and what the model wrote."""

_MAY_QUOTE: Final = ("\n", "DETAIL:", "CONTEXT:", "input_value=")
_TASKS_ERROR: Final = re.compile(r"(?<= exception=)(\w+)\(.*\)(?=>$)", re.MULTILINE)
"""asyncio prints a task that nobody awaited with its error; the traceback below says the same, as above."""

_SLACK_SAID: Final = re.compile(r"The server responded with: .*")
_SLACKS_OWN: Final = re.compile(r"(?<='error': ')[a-z_]{1,60}(?=')|\[ERROR\] [^'\"\\]{1,200}")
"""Of what an error of the Slack SDK prints: the code, and which part of our blocks is wrong."""


class Redactor:
    def __init__(self, secrets: Secrets) -> None:
        self._secrets = secrets
        self._cached = functools.lru_cache(maxsize=4096)(self._redact)

    def redact(self, text: str) -> str:
        if len(text) <= _CACHED_LENGTH:
            return self._cached(text)
        if len(text) > LONGEST_TEXT:
            text = _cut(text)
        return self._redact(text)

    def redact_all(self, value: object, *, name: str = "", depth: int = 0) -> object:
        """*value* as plain JSON values, every text in it redacted, dictionaries' keys as well."""
        if value is None or isinstance(value, bool | int | float):
            return value
        if isinstance(value, str) and is_secret_field(name):
            return REDACTED
        if depth < _DEEPEST and isinstance(value, Mapping):
            return {
                self.redact(str(key)): self.redact_all(inner, name=str(key), depth=depth + 1)
                for key, inner in cast("Mapping[object, object]", value).items()
            }
        if depth < _DEEPEST and isinstance(value, list | tuple | set | frozenset):
            return [self.redact_all(inner, name=name, depth=depth + 1) for inner in cast("Iterable[object]", value)]
        text = self.redact(value if isinstance(value, str) else str(value))
        return f"{text[:LONGEST_ERROR]} [...]" if name in _OF_OTHERS and len(text) > LONGEST_ERROR else text

    def hide_own(self, value: object) -> object:
        """*value* without the secrets that we were handed, and nothing else changed: for what people get to read."""
        if isinstance(value, str):
            return self._secrets.hide_own(value)
        if isinstance(value, Mapping):
            return {key: self.hide_own(inner) for key, inner in cast("Mapping[object, object]", value).items()}
        if isinstance(value, list | tuple):
            return [self.hide_own(inner) for inner in cast("Iterable[object]", value)]
        return value

    def _redact(self, text: str) -> str:
        text = self._secrets.hide(text)
        if any(mark in text for mark in _MAY_QUOTE):
            text = _ROW_IN_ERROR.sub(r"\1: [left out]", text)
            text = _INPUT_IN_ERROR.sub("input_value=[left out]", text)
            text = _WORDY_ERROR.sub(
                lambda found: f"{found['indent']}{found['kind']}: {without_quotes(found['words'])}", text
            )
        if " exception=" in text:
            text = _TASKS_ERROR.sub(r"\1(...)", text)
        if "The server responded" in text:
            text = _SLACK_SAID.sub(lambda found: _what_slack_said(found[0]), text)
        return _without_personal_data(text) if _MAY_BE_PERSONAL.search(text) else text


def _cut(text: str) -> str:
    """Between words: half a key no longer looks like one. A word that is too long to end in sight is left out."""
    head, tail = text[: LONGEST_TEXT - _KEPT_BEHIND], text[-_KEPT_BEHIND:]
    ends = max(head.rfind(" "), head.rfind("\n"), 0)
    begins = re.search(r"\s", tail)
    return f"{head[:ends]} [...] {tail[begins.end() :] if begins else ''}"


def _what_slack_said(printed: str) -> str:
    return f"The server responded with: {', '.join(_SLACKS_OWN.findall(printed)) or '[left out]'}"


def _without_personal_data(text: str) -> str:
    """Line by line: of most texts none has to be searched, of a traceback the error's own."""
    left = LONGEST_SEARCH
    lines: list[str] = []
    for line in text.split("\n"):
        if _MAY_BE_PERSONAL.search(line):
            left -= len(line)
            lines.append(_named_by_kind(line) if left >= 0 else "[left out]")
        else:
            lines.append(line)
    return "\n".join(lines)


def _named_by_kind(line: str) -> str:
    from agent.privacy.patterns import find_personal_data  # noqa: PLC0415  # a tenth of a second that most commands spare

    parts: list[str] = []
    end = 0
    for span in find_personal_data(line):
        if span.kind not in _NOT_HIDDEN and not _NOBODYS_ADDRESS.match(line[span.start : span.end]):
            parts += [line[end : span.start], f"[{span.kind.lower()}]"]
            end = span.end
    return "".join([*parts, line[end:]])


_of_this_process = Redactor(Secrets())


def redact_with(secrets: Secrets) -> None:
    """From now on, for the whole process: its logs are one, and so is what must not stand in them."""
    global _of_this_process  # noqa: PLW0603
    _of_this_process = Redactor(secrets)


def redact(text: str) -> str:
    """*text* as the log may hold it, and every table that keeps errors."""
    return _of_this_process.redact(text)


def redact_all(value: object, *, name: str = "") -> object:
    """The same for a value with texts in it; it comes back as plain JSON values."""
    return _of_this_process.redact_all(value, name=name)


def hide_own_secrets(value: object) -> object:
    """*value* without this process' own secrets: for what leaves it by other ways than the log."""
    return _of_this_process.hide_own(value)
