"""The modal of Refine: an answer's question and its SQL, each to be changed. Pure, both ways.

Where the answer stands, and what was in the fields, travels in `private_metadata`: a field that was not touched is not
meant, and nothing is looked up between the submission and the turn.
"""

import hashlib
import json
from dataclasses import dataclass
from typing import Any, Final, cast

from agent.notice import Notice
from agent.sql.layout import laid_out
from agent.turn import Answer, Language
from bot.i18n.catalogue import say, say_notice
from bot.slack.action_ids import block_id
from bot.slack.fields import Body, ParseError, id_of, object_of, optional_ts
from bot.slack.markup import MRKDWN
from bot.slack.messages.message import Block, context, fitted, section

CALLBACK_ID: Final = "refine"
LONGEST_INPUT: Final = 3000
"""Slack's own limit of an input."""
QUESTION: Final = "question"
SQL: Final = "sql"


@dataclass(frozen=True, slots=True)
class RefineSpot:
    """Where the answer stands."""

    conversation: str
    channel: str
    thread_ts: str | None


@dataclass(frozen=True, slots=True)
class Refinement:
    """What was changed; at most one of the two counts: who edits SQL means that SQL."""

    spot: RefineSpot
    question: str
    """As it stands in the field now."""
    sql: str | None
    """None where it was left alone."""
    is_changed: bool


def loading_refine(language: Language) -> dict[str, Any]:
    return refine_sentence(language, Notice("modal.loading"))


def refine_sentence(language: Language, notice: Notice) -> dict[str, Any]:
    """The modal with one sentence in it, and nothing to submit."""
    return _view(language, [section(say_notice(language, notice, style=MRKDWN))])


def refine_view(answer: Answer, spot: RefineSpot) -> dict[str, Any]:
    language = answer.language
    question, sql = fitted(_as_typed(answer.text or ""), LONGEST_INPUT), laid_out((answer.sql or "").strip())
    blocks = [_input(QUESTION, "refine.question", question, language)]
    if 0 < len(sql) <= LONGEST_INPUT:
        blocks.append(_input(SQL, "refine.sql", sql, language))
    else:
        blocks.append(context(say(language, "refine.sql_too_long")))
    kept = [spot.conversation, spot.channel, spot.thread_ts or "", _sign(question), _sign(sql)]
    return _view(language, blocks) | {
        "private_metadata": json.dumps(kept),
        "submit": _plain(language, "refine.submit"),
    }


def refinement_in(view: Body) -> Refinement:
    """Of a submitted modal. ParseError for what is none of ours."""
    try:
        conversation, channel, thread_ts, question_sign, sql_sign = cast(
            "list[Any]", json.loads(str(view.get("private_metadata")))
        )
    except ValueError:
        raise ParseError("private_metadata is none of ours") from None
    place = {"conversation": conversation, "channel": channel, "thread_ts": thread_ts or None}
    spot = RefineSpot(id_of(place, "conversation"), id_of(place, "channel"), optional_ts(place, "thread_ts"))
    question, sql = _typed(view, QUESTION), _typed(view, SQL)
    is_sql_new = bool(sql) and _sign(sql) != sql_sign
    is_changed = is_sql_new or (bool(question) and _sign(question) != question_sign)
    return Refinement(spot, question, sql if is_sql_new else None, is_changed)


def question_block(view: Body) -> str:
    """The id of the field of the question, which knows the modal's language."""
    values = object_of(object_of(view, "state"), "values")
    return next((block for block in values if block.startswith(QUESTION)), "")


def _typed(view: Body, name: str) -> str:
    values = object_of(object_of(view, "state"), "values")
    for block, fields in values.items():
        if block.startswith(f"{name}:") and isinstance(fields, dict):
            text = object_of(cast(Body, fields), name).get("value")
            return _as_typed(text)[:LONGEST_INPUT] if isinstance(text, str) else ""
    return ""


def _as_typed(text: str) -> str:
    return text.replace("\0", "").replace("\r\n", "\n").strip()


def _sign(text: str) -> str:
    return hashlib.sha256(text.encode(errors="replace")).hexdigest()[:16]


def _input(name: str, label: str, initial: str, language: Language) -> Block:
    element: Block = {
        "type": "plain_text_input",
        "action_id": name,
        "multiline": True,
        "max_length": LONGEST_INPUT,
    }
    return {
        "type": "input",
        "block_id": block_id(name, language),
        "optional": True,
        "label": _plain(language, label),
        "element": element | ({"initial_value": initial} if initial else {}),
    }


def _plain(language: Language, code: str) -> dict[str, str]:
    return {"type": "plain_text", "text": say(language, code)}


def _view(language: Language, blocks: list[Block]) -> dict[str, Any]:
    return {
        "type": "modal",
        "callback_id": CALLBACK_ID,
        "title": _plain(language, "refine.title"),
        "close": _plain(language, "modal.close"),
        "blocks": blocks,
    }
