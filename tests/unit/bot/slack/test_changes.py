"""Edits, deletions and 🗑, read from Slack's events."""

from typing import Any

import pytest

from bot.inbox.items import DiscardRequested, MessageDeleted, MessageEdited
from bot.slack.changes import change_from_event
from bot.slack.fields import ParseError
from bot.slack.identity import Identity
from bot.slack.marks import discard_from_reaction

ME = Identity("T1", "U0BOLT", "B0BOLT")
QUESTION = {"type": "message", "user": "U1", "ts": "1712.0001", "text": "<@U0BOLT> how many odrers?"}


def changed(text: str = "<@U0BOLT> how many orders?", *, at: str = "1720.1", **message: Any) -> dict[str, Any]:
    event = {
        "type": "message",
        "subtype": "message_changed",
        "channel": "C1",
        "channel_type": "channel",
        "message": {**QUESTION, "text": text, "edited": {"user": "U1", "ts": at}, **message},
        "previous_message": QUESTION,
        "ts": at,
        "event_ts": at,
    }
    return {"team_id": "T1", "event_id": "Ev1", "event": event}


def deleted(**previous: Any) -> dict[str, Any]:
    event = {
        "type": "message",
        "subtype": "message_deleted",
        "channel": "C1",
        "channel_type": "channel",
        "deleted_ts": "1712.0001",
        "previous_message": {**QUESTION, **previous},
        "event_ts": "1720.1",
    }
    return {"team_id": "T1", "event_id": "Ev1", "event": event}


def test_an_edited_question_is_the_turn_of_its_message_in_its_new_words() -> None:
    item = change_from_event(changed(), ME)
    assert isinstance(item, MessageEdited)
    assert item.turn.dedupe_key == "message:T1:C1:1712.0001"
    assert (item.turn.text, str(item.turn.spoken_at)) == ("how many orders?", "1712.0001")
    assert item.conversation == "control:changed:message:T1:C1:1712.0001"


@pytest.mark.parametrize(
    "body",
    [
        changed(QUESTION["text"]),  # a link was unfurled
        changed("lunch at noon"),  # a word to nobody
        changed("<@U0BOLT> stop"),
        changed(user="U0BOLT"),
        changed(bot_id="B7"),
        changed(at="99999.1"),  # a day later the question is not known any more
    ],
)
def test_what_is_no_question_anew_is_nothing(body: dict[str, Any]) -> None:
    assert change_from_event(body, ME) is None


@pytest.mark.parametrize("body", [deleted(), changed("gone", subtype="tombstone", user="USLACKBOT")])
def test_a_deleted_question_names_its_turn(body: dict[str, Any]) -> None:
    item = change_from_event(body, ME)
    assert isinstance(item, MessageDeleted)
    assert item.turn_id == "message:T1:C1:1712.0001"


def test_the_deletion_of_what_was_not_ours_is_nothing() -> None:
    assert change_from_event(deleted(text="lunch?"), ME) is None
    assert change_from_event(deleted(bot_id="B1"), ME) is None
    body = deleted()
    del body["event"]["previous_message"]
    assert change_from_event(body, ME) is None


def test_a_change_without_a_message_is_a_parse_error() -> None:
    with pytest.raises(ParseError):
        change_from_event({"team_id": "T1", "event_id": "E", "event": {"subtype": "message_changed"}}, ME)


def mark(reaction: str = "wastebasket", *, user: str = "U1", of: str = "U0BOLT") -> dict[str, Any]:
    item = {"type": "message", "channel": "C1", "ts": "1713.5"}
    event = {"type": "reaction_added", "user": user, "reaction": reaction, "item": item, "item_user": of}
    return {"team_id": "T1", "event_id": "Ev7", "event": {**event, "event_ts": "1720.1"}}


def test_a_wastebasket_on_our_message_throws_it_away() -> None:
    item = discard_from_reaction(mark(), ME)
    assert isinstance(item, DiscardRequested)
    assert (item.channel, item.ts, item.user, item.dedupe_key) == ("C1", "1713.5", "U1", "event:Ev7")


@pytest.mark.parametrize("body", [mark("eyes"), mark(of="U2"), mark(user="U0BOLT")])
def test_other_marks_throw_nothing_away(body: dict[str, Any]) -> None:
    assert discard_from_reaction(body, ME) is None
