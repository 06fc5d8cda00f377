"""How nodes write into the turn's work: through `jot`, so that no node forgets what the others wrote."""

from collections.abc import Iterable

from agent.context import Context
from agent.errors import AgentError, ModelError
from agent.notice import Notice
from agent.state import PlainNotice, State, Update, Work
from agent.turn import Usage


def jot(state: State, context: Context, changes: Work | None = None, notices: Iterable[Notice] = ()) -> Update:
    """The work with *changes*, with *notices* added (each once), and with what the model has cost so far."""
    before = state["work"]
    work: Work = {**before, **(changes or {}), "usage": plain_usage(context.meter.usage)}
    told = list(before.get("notices", []))
    if (error := context.meter.turned_away) is not None:  # said whatever the road made of it
        notices = [*notices, error.notice]
    told.extend(plain for plain in map(plain_notice, notices) if plain not in told)
    work["notices"] = told
    return {"work": work}


def jot_failure(state: State, context: Context, error: AgentError, changes: Work | None = None) -> Update:
    """What the person will read about *error*. Raises it again where the inbox should try the turn later.

    A model that does not answer is told at once: every call has had its retries, and people wait.
    """
    if error.is_transient and not isinstance(error, ModelError):
        raise error
    return jot(state, context, {**(changes or {}), "error": type(error).__name__}, [error.notice])


def plain_notice(notice: Notice) -> PlainNotice:
    return {"code": notice.code, "params": dict(notice.params)}


def notice_from_plain(plain: PlainNotice) -> Notice:
    return Notice(plain["code"], plain["params"])


def plain_usage(usage: Usage) -> dict[str, int]:
    return {"calls": usage.calls, "input_tokens": usage.input_tokens, "output_tokens": usage.output_tokens}


def usage_from_plain(plain: dict[str, int] | None) -> Usage:
    return Usage(**plain) if plain else Usage()
