"""The modal that asks what was wrong with an answer. Pure, both ways."""

import json
from dataclasses import dataclass
from typing import Any, Final, cast, get_args

from agent.turn import Language
from bot.i18n.catalogue import say
from bot.inbox.items import Reason
from bot.slack.action_ids import block_id
from bot.slack.fields import Body, ParseError, id_of, object_of, optional_ts

CALLBACK_ID: Final = "feedback"
LONGEST_WORDS: Final = 1000
_REASON: Final = "reason"
_WORDS: Final = "words"


@dataclass(frozen=True, slots=True)
class FeedbackSpot:
    """Which answer it is about, and where that stands."""

    turn_id: str
    channel: str
    thread_ts: str | None


def feedback_view(spot: FeedbackSpot, language: Language) -> dict[str, Any]:
    reasons = [{"text": _plain(language, f"feedback.reason.{reason}"), "value": reason} for reason in get_args(Reason)]
    select = {"type": "static_select", "action_id": _REASON, "options": reasons, "initial_option": reasons[0]}
    words = {"type": "plain_text_input", "action_id": _WORDS, "multiline": True, "max_length": LONGEST_WORDS}
    return {
        "type": "modal",
        "callback_id": CALLBACK_ID,
        "private_metadata": json.dumps([spot.turn_id, spot.channel, spot.thread_ts or ""]),
        "title": _plain(language, "feedback.title"),
        "submit": _plain(language, "feedback.submit"),
        "close": _plain(language, "modal.close"),
        "blocks": [
            {
                "type": "input",
                "block_id": block_id(_REASON, language),
                "label": _plain(language, "feedback.why"),
                "element": select,
            },
            {
                "type": "input",
                "block_id": block_id(_WORDS, language),
                "label": _plain(language, "feedback.words"),
                "optional": True,
                "element": words,
            },
        ],
    }


def feedback_in(view: Body) -> tuple[FeedbackSpot, Reason, str, str]:
    """What it is about, the reason, the words, and the block of the reason, which knows the modal's language."""
    try:
        turn_id, channel, thread_ts = cast("list[Any]", json.loads(str(view.get("private_metadata"))))
    except ValueError:
        raise ParseError("private_metadata is none of ours") from None
    place = {"turn_id": turn_id, "channel": channel, "thread_ts": thread_ts or None}
    spot = FeedbackSpot(id_of(place, "turn_id"), id_of(place, "channel"), optional_ts(place, "thread_ts"))
    values = object_of(object_of(view, "state"), "values")
    block = next((name for name in values if name.startswith(_REASON)), "")
    chosen = object_of(object_of(object_of(values, block), _REASON), "selected_option").get("value")
    reason = next((known for known in get_args(Reason) if known == chosen), None)
    if reason is None:
        raise ParseError("the modal holds no reason of ours")
    return spot, reason, _words_in(values), block


def _words_in(values: Body) -> str:
    block = next((name for name in values if name.startswith(_WORDS)), None)
    words = object_of(object_of(values, block), _WORDS).get("value") if block is not None else None
    return words.replace("\0", "").strip()[:LONGEST_WORDS] if isinstance(words, str) else ""


def _plain(language: Language, code: str) -> dict[str, str]:
    return {"type": "plain_text", "text": say(language, code)}
