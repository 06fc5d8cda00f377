"""Which of our languages a message is in. By script: it needs no model and cannot be talked out of it."""

import re

from agent.turn import Actor, Language

_HANGUL = re.compile(r"[\u1100-\u11ff\u3130-\u318f\uac00-\ud7af]")
_KANA = re.compile(r"[\u3040-\u30ff\uff66-\uff9d]")
_HAN = re.compile(r"[\u4e00-\u9fff]")


def language_of(text: str, locale: str = "en-US") -> Language:
    """The language of *text*; of *locale* where the text shows no script of its own (digits, SQL)."""
    return shown_language(text) or language_of_locale(locale)


def language_for(text: str, actor: Actor) -> Language:
    """The language in which *actor* is answered: the one they chose, else that of *text*."""
    return actor.preferences.language or language_of(text, actor.locale)


def shown_language(text: str) -> Language | None:
    """The language that *text* shows; None for digits and marks."""
    if _HANGUL.search(text):
        return "ko"
    if _KANA.search(text) or _HAN.search(text):
        return "ja"
    return "en" if re.search(r"[A-Za-z]{2,}", text) else None


def language_of_locale(locale: str) -> Language:
    return "ko" if locale.startswith("ko") else "ja" if locale.startswith("ja") else "en"
