"""A turn as it is understood: a choice's whole question in place of its number, in the language people speak here."""

from collections.abc import Iterable
from dataclasses import replace

from agent.context import Context
from agent.language import language_of_locale, shown_language
from agent.state import Message, State
from agent.turn import Language, StartOver, Turn


def reading(state: State, context: Context) -> Context:
    """*context* with the question that the message stands for, where it picked one of several."""
    work = state["work"]
    meant = work.get("question")
    turn = replace(context.turn, text=meant) if meant else context.turn
    return replace(context, turn=turn, spoken=work.get("language") or context.spoken)


def spoken_language(messages: Iterable[Message], turn: Turn) -> Language:
    """What its author chose; else that of the message; where it shows none (a number, a button), of what
    they said last; else of their locale.

    The words of a command are no sign: whoever types `/new` may have asked in Korean all along.
    """
    if turn.actor.preferences.language:
        return turn.actor.preferences.language
    shown = shown_language(turn.text)
    if shown and not (shown == "en" and isinstance(turn.preset, StartOver)):
        return shown
    theirs = [m["text"] for m in messages if m["role"] == "person" and m["user"] == turn.actor.user]
    said: list[Language] = [language for text in theirs if (language := shown_language(text))]
    return said[-1] if said else language_of_locale(turn.actor.locale)
