"""Ask about this: from the shortcut to the modal, from the modal to the turn."""

import json
from decimal import Decimal
from typing import Any

import pytest

from agent.turn import Language, Said
from bot.i18n.catalogue import LANGUAGES
from bot.slack.ask_about import question_from_submission, subject_of
from bot.slack.fields import ParseError
from bot.slack.modals.ask_about import LONGEST_QUOTE, Subject, ask_about_view
from tests.fakes.block_kit import check_modal

NOW = Decimal(1800)
SUBJECT = Subject("C1", "1712.5", "1700.1", "U2", "Revenue <fell> & 'rose'")


def shortcut(**message: Any) -> dict[str, Any]:
    said = {"user": "U2", "ts": "1712.5", "thread_ts": "1700.1", "text": "Revenue &lt;fell&gt; &amp; 'rose'", **message}
    return {"type": "message_action", "channel": {"id": "C1"}, "user": {"id": "U1"}, "message": said}


def submitted(subject: Subject = SUBJECT, question: object = "Why?", **view: Any) -> dict[str, Any]:
    shown = ask_about_view(subject, "ko")
    block = shown["blocks"][1]["block_id"]
    state = {"values": {block: {"question": {"type": "plain_text_input", "value": question}}}}
    return {
        "team": {"id": "T1"},
        "user": {"id": "U1"},
        "view": {**shown, "id": "V1", "hash": "h", "state": state, **view},
    }


def test_the_shortcut_names_the_message_as_it_was_typed() -> None:
    assert subject_of(shortcut()) == SUBJECT
    assert len(subject_of(shortcut(text="x" * 40_000)).text) == LONGEST_QUOTE


def test_a_message_of_a_bot_without_words_can_be_asked_about() -> None:
    assert subject_of(shortcut(user=None, text=None, thread_ts=None)) == Subject("C1", "1712.5", None, "", "")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("text", ["", "&<>\N{SNOWMAN}" * 250, '"' * 1000, "a\n" * 500, "\x01\ud800" * 500])
def test_the_modal_is_what_slack_takes_whatever_it_is_about(language: Language, text: str) -> None:
    view = ask_about_view(subject_of(shortcut(text=text)), language)
    assert view["private_metadata"].encode()
    check_modal(view)
    assert len(view["private_metadata"]) <= 3000


def test_the_question_is_a_turn_in_the_thread_of_its_message() -> None:
    turn = question_from_submission(submitted(), NOW)
    assert (turn.conversation, turn.thread_ts, turn.surface) == ("T1:C1:1700.1", "1700.1", "channel")
    assert (turn.text, turn.user, turn.about) == ("Why?", "U1", Said("U2", SUBJECT.text))
    assert (turn.unseen, turn.dedupe_key) == (True, "submit:V1:h")


def test_about_a_message_without_a_thread_the_answer_begins_one() -> None:
    turn = question_from_submission(submitted(Subject("D1", "1712.5", None, "U2", "")), NOW)
    assert (turn.conversation, turn.thread_ts, turn.surface, turn.about) == ("T1:D1:1712.5", "1712.5", "dm", None)


@pytest.mark.parametrize(
    "body",
    [
        submitted(private_metadata="{}"),
        submitted(private_metadata=json.dumps(["C1", "no time", "", "U2", "x"])),
        submitted(private_metadata=json.dumps(["C1", "1.5", "", 7, "x"])),
        submitted(private_metadata="[]"),
        submitted(question=None),
        submitted(question="x" * 3001),
        submitted(state={"values": {}}),
    ],
)
def test_what_is_no_modal_of_ours_is_a_parse_error(body: dict[str, Any]) -> None:
    with pytest.raises(ParseError):
        question_from_submission(body, NOW)
