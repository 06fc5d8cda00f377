"""A pressed choice or next question is a turn of whoever pressed it, where the button stands."""

from typing import Any

import pytest

from bot.slack.fields import ParseError
from bot.slack.pressed import question_from_click
from tests.unit.bot.slack.test_parse import NOW, click

QUESTION = "What is net revenue in 2025, " + "month by month, " * 60


def pressed(action: str, **fields: Any) -> Any:
    return question_from_click(click(action, QUESTION, **fields), NOW)


def test_a_pressed_question_is_asked_in_its_thread_by_who_pressed_it() -> None:
    item = pressed("ask:2")
    assert (item.text, item.user, item.preset, item.addressed) == (QUESTION, "U1", None, True)
    assert (item.conversation, item.thread_ts, item.pressed_on) == ("T1:C1:1712.0001", "1712.0001", "1713.0")
    assert item.dedupe_key == "click:13.7.abc:1714.5"


def test_a_choice_is_made_once_by_each_person_whichever_button_they_press() -> None:
    first, second = pressed("choose:0"), pressed("choose:1", trigger_id="14.8.def")
    another = pressed("choose:0", user={"id": "U2"})
    assert first.dedupe_key == second.dedupe_key == "click:T1:C1:1713.0:U1"
    assert another.dedupe_key != first.dedupe_key


def test_a_choice_in_a_dm_goes_on_in_the_dm() -> None:
    item = pressed("choose:0", channel="D1", message={"ts": "1713.0"})
    assert (item.conversation, item.thread_ts, item.surface) == ("T1:D1", None, "dm")


@pytest.mark.parametrize("value", ["", "x" * 2001, "a\0b"])
def test_a_value_that_no_button_of_ours_carries_is_a_parse_error(value: str) -> None:
    with pytest.raises(ParseError):
        question_from_click(click("ask:0", value), NOW)
