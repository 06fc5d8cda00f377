"""Feedback: pressed, explained in a modal, kept for people of the room, thanked for."""

from decimal import Decimal
from typing import Any, get_args

import pytest

from agent.turn import Answer, Language, Member
from bot.feedback import Feedback, FeedbackService
from bot.i18n.catalogue import LANGUAGES
from bot.inbox.items import FeedbackGiven, Reason
from bot.replies import Reply, encode_answer
from bot.shown_answer import ShownAnswers
from bot.slack.clicks import click_of
from bot.slack.feedback import feedback_from_click, feedback_from_submission
from bot.slack.fields import ParseError
from bot.slack.messages.feedback import feedback_buttons
from bot.slack.modals.feedback import FeedbackSpot, feedback_view
from tests.fakes.block_kit import check_modal
from tests.fakes.feedback import FakeFeedback
from tests.fakes.replies import FakeReplies
from tests.fakes.rooms import FakeRooms
from tests.fakes.whispers import FakeWhispers

NOW = Decimal(1800)
SPOT = FeedbackSpot("t1", "C1", "1.0")
ANSWER = Answer("t1", "ja", None, text="n")


def pressed(value: str) -> FeedbackGiven:
    action = {"action_id": "feedback", "value": value, "block_id": "feedback:ja", "action_ts": "5.0"}
    ids = {"team": {"id": "T1"}, "channel": {"id": "C1"}, "user": {"id": "U1"}}
    message = {"ts": "2.0", "thread_ts": "1.0"}
    return feedback_from_click(click_of({"actions": [action], "message": message, "trigger_id": "t", **ids}), NOW)


def submitted(reason: object = "wrong_numbers", words: object = " off by ten\0 ", **view: Any) -> dict[str, Any]:
    shown = feedback_view(SPOT, "ja")
    first, second = (block["block_id"] for block in shown["blocks"])
    values = {first: {"reason": {"selected_option": {"value": reason}}}, second: {"words": {"value": words}}}
    changed = {**shown, "id": "V1", "hash": "h", "state": {"values": values}, **view}
    return {"team": {"id": "T1"}, "user": {"id": "U1"}, "view": changed}


def test_each_button_says_its_verdict_on_its_answer() -> None:
    (element,) = feedback_buttons(ANSWER)["elements"]
    for side, verdict in (("positive_button", "good"), ("negative_button", "bad")):
        item = pressed(element[side]["value"])
        assert (item.verdict, item.turn_id, item.channel, item.thread_ts) == (verdict, "t1", "C1", "1.0")
        assert (item.reason, item.user, item.language) == (None, "U1", "ja")


@pytest.mark.parametrize("value", ["good", "good:", "great:t1", ":t1"])
def test_what_is_no_verdict_is_refused(value: str) -> None:
    with pytest.raises(ParseError):
        pressed(value)


def test_the_modal_brings_the_reason_into_the_lane_of_the_press() -> None:
    item = feedback_from_submission(submitted(), NOW)
    assert (item.verdict, item.reason, item.words) == ("bad", "wrong_numbers", "off by ten")
    assert (item.conversation, item.dedupe_key) == (pressed("bad:t1").conversation, "submit:V1:h")
    assert feedback_from_submission(submitted(words=None), NOW).words == ""


@pytest.mark.parametrize(
    "body",
    [submitted("a reason of theirs"), submitted(private_metadata="{}"), submitted(private_metadata="[1, 2, 3]")],
)
def test_a_modal_that_is_none_of_ours_is_refused(body: dict[str, Any]) -> None:
    with pytest.raises(ParseError):
        feedback_from_submission(body, NOW)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_modal_offers_every_reason(language: Language) -> None:
    view = feedback_view(SPOT, language)
    check_modal(view)
    options = view["blocks"][0]["element"]["options"]
    assert [option["value"] for option in options] == list(get_args(Reason))


@pytest.mark.parametrize(
    ("changed", "kept", "said"),
    [
        ({"verdict": "good"}, True, "feedback.thanks"),
        ({"verdict": "bad"}, True, None),
        ({"verdict": "bad", "reason": "other", "words": "x"}, True, "feedback.thanks"),
        ({"verdict": "good", "user": "U9"}, False, "feedback.missing"),
        ({"verdict": "good", "channel": "C2"}, False, "feedback.missing"),
    ],
)
async def test_the_word_of_people_in_the_room_is_kept(changed: dict[str, Any], kept: bool, said: str | None) -> None:
    replies, store, whispers = FakeReplies(), FakeFeedback(), FakeWhispers()
    await replies.keep_place(Reply("t1", "T1:C1:1.0", "C1", "1.0", ts="2.0"))
    await replies.keep_answer("t1", encode_answer(ANSWER))
    shown = ShownAnswers(replies=replies, rooms=FakeRooms({"C1": (Member("U1"),)}))
    item = pressed("good:t1").model_copy(update=changed)
    await FeedbackService(shown=shown, store=store, whispers=whispers).run(item)
    expected = (Feedback("t1", "U1", item.verdict, item.reason, item.words),)
    assert await store.of_turn("t1") == (expected if kept else ())
    assert [code for _, _, code, _ in whispers.said] == ([said] if said else [])
