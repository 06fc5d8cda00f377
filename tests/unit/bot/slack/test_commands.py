"""Slash commands to items; and that whatever they show is what Slack takes."""

from decimal import Decimal
from typing import Any

import pytest

from agent.turn import StartOver
from bot.i18n.catalogue import LANGUAGES
from bot.slack.commands import LONGEST_TASK_SECONDS, command_of, long_task_of, question_of, start_over_of
from bot.slack.fields import ParseError
from bot.slack.messages.commands import render_command_help, render_unknown_command
from tests.fakes.block_kit import check_message

NOW = Decimal(1700)


def body(text: object = "", **fields: Any) -> dict[str, Any]:
    given = {"team_id": "T1", "channel_id": "C1", "user_id": "U1", "trigger_id": "13.7", "response_url": "https://x"}
    return {**given, "text": text, **fields}


def test_the_first_word_is_the_command_and_the_rest_is_as_it_was_typed() -> None:
    command = command_of(body("ASK  orders &lt; 5 in <http://shop.orders|shop.orders>?"))
    assert (command.word, command.rest) == ("ask", "orders < 5 in shop.orders?")


def test_a_question_waits_for_no_turn_and_its_key_is_the_press() -> None:
    item = question_of(command_of(body("ask how many?")), NOW)
    assert (item.dedupe_key, item.conversation) == ("command:13.7", "control:command:13.7")
    assert (item.text, item.in_direct_message) == ("how many?", False)
    assert question_of(command_of(body("ask how many?", channel_id="D1")), NOW).in_direct_message


def test_new_starts_over_in_the_direct_message() -> None:
    item = start_over_of(command_of(body("new", channel_id="D1")), NOW)
    assert (item.preset, item.text, item.in_direct_message) == (StartOver(), "", True)


@pytest.mark.parametrize(
    ("text", "seconds"), [("", 5), ("3", 3), ("999", LONGEST_TASK_SECONDS), ("-1", 5), ("9" * 99, 5), ("soon", 5)]
)
def test_a_long_task_is_as_long_as_it_may_be(text: str, seconds: int) -> None:
    assert long_task_of(command_of(body(text)), NOW).seconds == seconds


@pytest.mark.parametrize(
    "fields", [{"text": 7}, {"response_url": None}, {"response_url": "x" * 3000}, {"trigger_id": ""}, {"user_id": []}]
)
def test_a_malformed_command_is_a_parse_error(fields: dict[str, Any]) -> None:
    with pytest.raises(ParseError):
        command_of(body(**{"text": "", **fields}))


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_commands_show_is_what_slack_takes(language: Any) -> None:
    for message in (render_command_help(language), render_unknown_command(language)):
        check_message(message)
        assert "/data budget" in message.text
