"""Every sentence that a person reads in Slack, by code and language; no sentence is written anywhere else.

A sentence is text with `{name}` or `{name:format}` in it; or `{"one": ..., "other": ...}`, chosen by the param `count`.
Formats: `number` (1,234), `bytes` (12.3 MB), `usd` ($0.02), `seconds` (4.3), `user` and `channel` (a link to the
one with that id), `moment` (a Unix time, in the reader's own zone where the surface can), `word` (our own word for a
state: `word.<value>`), none (as it is).
"""

import json
import string
from collections.abc import Callable, Mapping
from importlib.resources import files
from typing import Any, Final, Protocol, TypeAlias, get_args

import structlog

from agent.notice import Notice, Param
from agent.turn import Language
from bot.i18n.numbers import bytes_text, moment_text, number_text, usd_text

log = structlog.get_logger(__name__)

Sentence: TypeAlias = str | dict[str, str]
LANGUAGES: Final[tuple[Language, ...]] = get_args(Language)
FALLBACK: Final = "notice.unknown"


class Style(Protocol):
    """How a surface writes what is put into a sentence; the sentence itself is ours and trusted."""

    def text(self, value: str) -> str: ...
    def user(self, user: str) -> str: ...
    def channel(self, channel: str) -> str: ...
    def moment(self, unix_seconds: float) -> str: ...


class PlainText:
    """No markup: logs, terminals, tests."""

    def text(self, value: str) -> str:
        return value

    def user(self, user: str) -> str:
        return f"@{user}"

    def channel(self, channel: str) -> str:
        return f"#{channel}"

    def moment(self, unix_seconds: float) -> str:
        return moment_text(unix_seconds)


PLAIN: Final = PlainText()


class _Formatter(string.Formatter):
    """Fields are plain names: no attribute and no index of a param can be reached from a sentence."""

    def __init__(self, language: Language, style: Style) -> None:
        self._language: Language = language
        self._style = style

    def get_field(self, field_name: str, args: Any, kwargs: Any) -> Any:
        return kwargs[field_name], field_name

    def format_field(self, value: Any, format_spec: str) -> str:
        match format_spec:
            case "user":
                return self._style.user(str(value))
            case "channel":
                return self._style.channel(str(value))
            case "moment":
                return self._style.moment(float(value))
            case "word":
                return _choose(SENTENCES[self._language][f"word.{value}"], {})
            case _:
                return self._style.text(_FORMATS.get(format_spec, str)(value))


_FORMATS: Final[Mapping[str, Callable[[Any], str]]] = {
    "number": number_text,
    "bytes": bytes_text,
    "usd": usd_text,
    "seconds": "{:.1f}".format,
}


def _read(language: Language) -> Mapping[str, Sentence]:
    return json.loads(files("bot.i18n").joinpath(f"{language}.json").read_text(encoding="utf-8"))


SENTENCES: Final[Mapping[Language, Mapping[str, Sentence]]] = {language: _read(language) for language in LANGUAGES}
"""Read when this is imported: the event loop has no time for files."""


def say(language: Language, code: str, /, *, style: Style = PLAIN, **params: Param) -> str:
    """The sentence *code*. An unknown code, or a param that is missing, gives a general sentence and a log line."""
    return _say(language, code, params, style)


def say_notice(language: Language, notice: Notice, *, style: Style = PLAIN) -> str:
    """The sentence of *notice*; its params may have any name."""
    return _say(language, notice.code, notice.params, style)


def _say(language: Language, code: str, params: Mapping[str, Param], style: Style) -> str:
    formatter = _Formatter(language, style)
    try:
        return formatter.vformat(_choose(SENTENCES[language][code], params), (), params)
    except (KeyError, ValueError, TypeError) as error:
        # A person waits for an answer: a gap in the catalogue is the developer's to read, not theirs.
        log.error("i18n.sentence_missing", code=code, language=language, params=sorted(params), error=repr(error))
        return formatter.vformat(_choose(SENTENCES[language][FALLBACK], params), (), {"code": code})


def _choose(sentence: Sentence, params: Mapping[str, Param]) -> str:
    if isinstance(sentence, str):
        return sentence
    return sentence["one"] if params.get("count") == 1 and "one" in sentence else sentence["other"]
