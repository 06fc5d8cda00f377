"""A turn that a person stopped: its question stays in the conversation, with the SQL that there was so far."""

from collections.abc import Collection
from dataclasses import dataclass

from agent.answer_codec import answer_to_plain
from agent.history import remember
from agent.notice import Notice
from agent.reading import spoken_language
from agent.state import Last, Message, State, Work
from agent.turn import Action, Answer, DecisionWord, Route, StartOver, Turn
from agent.two_readers import names_any
from agent.worksheet import usage_from_plain


@dataclass(frozen=True, slots=True)
class CutShort:
    """What the person is shown, and what the conversation remembers."""

    answer: Answer
    update: State


def cut_short(state: State | None, turn: Turn, draft: str | None, *, kept_from_room: Collection[str] = ()) -> CutShort:
    """*state* is the thread's as it was last kept, *draft* SQL that no node had handed on yet.

    SQL that names a table of *kept_from_room* is the asker's alone: it is not shown.
    """
    work: Work = state["work"] if state is not None and state["turn_id"] == turn.id else {}
    sql = None if work.get("decision") == DecisionWord.BLOCKED else work.get("candidate_sql") or draft
    sql = None if sql and names_any(sql, kept_from_room) else sql
    notices = (Notice("turn.stopped"), Notice("turn.sql_so_far")) if sql else (Notice("turn.stopped"),)
    answer = Answer(
        turn_id=turn.id,
        language=work.get("language") or spoken_language(state.get("messages", []) if state else (), turn),
        route=_route(work) if _is_for_us(work, turn) else None,
        notices=notices,
        sql=sql,
        usage=usage_from_plain(work.get("usage")),
    )
    ended = State(turn_id=turn.id, work={**work, "answer": answer_to_plain(answer)})
    if not answer.is_for_us or isinstance(turn.preset, StartOver):
        return CutShort(answer, ended)
    ended["messages"] = remember(state.get("messages", []) if state else [], _said(turn, answer))
    if sql:
        check = work.get("check")
        ended["last"] = Last(sql=sql, result_id=None, is_valid=check is not None and check["sql"] == sql)
    return CutShort(answer, ended)


def _said(turn: Turn, answer: Answer) -> tuple[Message, Message]:
    """Under the ids that the turn itself would have used: what it had remembered already is not said twice."""
    parts = ["stopped by the person before there was a result", *([f"SQL: {answer.sql}"] if answer.sql else [])]
    return (
        Message(id=f"{turn.id}:person", role="person", user=turn.actor.user, text=turn.text),
        Message(id=f"{turn.id}:bot", role="bot", user="", text="\n".join(parts)),
    )


def _is_for_us(work: Work, turn: Turn) -> bool:
    return turn.addressed or turn.preset is not None or bool(work.get("is_relevant"))


def _route(work: Work) -> Route:
    """The road that the turn had taken; stopped before it took one, it is talk."""
    route = work.get("route")
    if route is None:
        return Route(Action.CHAT_REPLY, 1.0, "stopped")
    return Route(Action(route["action"]), route["confidence"], route["reason"], route["fallback_used"])
