"""The modal of "Ask about this": the message, and room for a question. Pure, both ways.

What it is about travels in its `private_metadata`: nothing is looked up between the shortcut and the question.
"""

import json
from dataclasses import dataclass
from typing import Any, Final, cast

from agent.turn import Language
from bot.i18n.catalogue import say
from bot.slack.action_ids import block_id
from bot.slack.fields import Body, ParseError, id_of, object_of, optional_ts
from bot.slack.markup import MRKDWN
from bot.slack.messages.message import LONGEST_SECTION, context, fitted

CALLBACK_ID: Final = "ask_about"
LONGEST_QUOTE: Final = 1000
"""Characters; `private_metadata` takes 3 000."""
LONGEST_QUESTION: Final = 3000
"""Slack's own limit of an input."""
_INPUT: Final = "question"


@dataclass(frozen=True, slots=True)
class Subject:
    """The message that is asked about."""

    channel: str
    ts: str
    thread_ts: str | None
    user: str
    """Who wrote it; empty where Slack does not say."""
    text: str


def ask_about_view(subject: Subject, language: Language) -> dict[str, Any]:
    quote = say(language, "ask_about.quote", style=MRKDWN, text=subject.text or "…")
    return {
        "type": "modal",
        "callback_id": CALLBACK_ID,
        "private_metadata": json.dumps(
            [subject.channel, subject.ts, subject.thread_ts or "", subject.user, subject.text], ensure_ascii=False
        ),
        "title": _plain(language, "ask_about.title"),
        "submit": _plain(language, "ask_about.submit"),
        "close": _plain(language, "modal.close"),
        "blocks": [
            context(fitted(quote, LONGEST_SECTION)),
            {
                "type": "input",
                "block_id": block_id(_INPUT, language),
                "label": _plain(language, "ask_about.label"),
                "element": {
                    "type": "plain_text_input",
                    "action_id": _INPUT,
                    "multiline": True,
                    "focus_on_load": True,
                    "max_length": LONGEST_QUESTION,
                },
            },
        ],
    }


def subject_in(view: Body) -> Subject:
    try:
        channel, ts, thread_ts, user, text = cast("list[Any]", json.loads(str(view.get("private_metadata"))))
    except ValueError:
        raise ParseError("private_metadata is none of ours") from None
    place = {"channel": channel, "ts": ts, "thread_ts": thread_ts or None}
    if not isinstance(user, str) or not isinstance(text, str) or optional_ts(place, "ts") is None:
        raise ParseError("private_metadata names no message")
    return Subject(id_of(place, "channel"), str(ts), optional_ts(place, "thread_ts"), user, text)


def question_in(view: Body) -> tuple[str, str]:
    """What was asked, and the block that it stands in, which knows the modal's language."""
    values = object_of(object_of(view, "state"), "values")
    block = next(iter(values), "")
    question = object_of(object_of(values, block), _INPUT).get("value")
    if not isinstance(question, str) or len(question) > LONGEST_QUESTION:
        raise ParseError("the modal holds no question")
    return question.replace("\0", "").strip(), block


def _plain(language: Language, code: str) -> dict[str, str]:
    return {"type": "plain_text", "text": say(language, code)}
