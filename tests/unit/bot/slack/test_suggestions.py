"""How a question was read, what it may mean, what to ask next: rendered within Slack's limits, and in the text too."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.turn import Action, Answer, Choice, Column, Language, Route, Table
from bot.slack.messages.answer import render_answer
from bot.slack.messages.message import Message
from bot.slack.messages.private import render_private
from tests.fakes.block_kit import check_message, every_mrkdwn

ANSWER = Answer(
    "turn-1",
    "en",
    Route(Action.SQL_EXECUTE, 1.0, "a number"),
    text="Orders",
    sql="SELECT 1",
    table=Table((Column("orders", "INT64"),), ((2442,),), 1),
)
CHOICES = (Choice("Gross", "What is gross revenue in 2025?"), Choice("Net of refunds", "What is net revenue in 2025?"))


def buttons(message: Message) -> list[dict[str, Any]]:
    return [element for block in message.blocks if block["type"] == "actions" for element in block["elements"]]


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "How I read it: 2025; USD"),
        ("ko", "이렇게 이해했어요: 2025; USD"),
        ("ja", "このように解釈しました: 2025; USD"),
    ],
)
def test_how_the_question_was_read_stands_in_a_small_line(language: Language, words: str) -> None:
    message = render_answer(replace(ANSWER, language=language, assumptions=("2025", "USD")))
    check_message(message)
    assert words in message.text
    assert next(b["elements"][0]["text"] for b in message.blocks if b["type"] == "context") == words


def test_choices_are_buttons_that_carry_whole_questions() -> None:
    message = render_answer(Answer("turn-1", "ja", None, text="Gross or net?", choices=CHOICES))
    check_message(message)
    assert [(b["action_id"], b["text"]["text"], b["value"]) for b in buttons(message)] == [
        ("choose:0", "Gross", "What is gross revenue in 2025?"),
        ("choose:1", "Net of refunds", "What is net revenue in 2025?"),
    ]
    assert "• Gross\n• Net of refunds" in message.text


def test_next_questions_come_below_everything_else() -> None:
    message = render_answer(replace(ANSWER, next_questions=("And by month?", "Only Korea?")))
    check_message(message)
    assert [b["action_id"] for b in buttons(message)] == ["show_sql", "refine", "ask:0", "ask:1"]
    assert message.text.endswith("You could ask next:\n• And by month?\n• Only Korea?")


def test_more_than_fits_is_not_offered_and_nothing_is_cut_into_another_question() -> None:
    long = "x" * 2001
    message = render_answer(
        replace(
            ANSWER,
            choices=(*[Choice(f"{n}", f"q{n}") for n in range(6)], Choice("l", long)),
            next_questions=(long, " "),
        )
    )
    check_message(message)
    assert [b["value"] for b in buttons(message)] == ["turn-1", "turn-1", "q0", "q1", "q2", "q3"]


def test_a_long_label_is_cut_and_its_question_is_not() -> None:
    question = "How many orders " + "and orders " * 20
    message = render_answer(replace(ANSWER, next_questions=(question,)))
    check_message(message)
    assert buttons(message)[-1]["value"] == question
    assert len(buttons(message)[-1]["text"]["text"]) <= 75


TEXT = st.text(st.characters(codec="utf-8"), max_size=120) | st.sampled_from(["<!channel>", "<@U1>", "&" * 90, "```"])


@settings(max_examples=30)
@given(st.lists(TEXT, max_size=5), st.lists(st.builds(Choice, TEXT, TEXT), max_size=6), st.lists(TEXT, max_size=5))
def test_whatever_the_model_suggests_is_text_within_slacks_limits(
    assumptions: list[str], choices: list[Choice], questions: list[str]
) -> None:
    message = render_answer(
        replace(ANSWER, assumptions=tuple(assumptions), choices=tuple(choices), next_questions=tuple(questions))
    )
    check_message(message)
    assert not any("<!" in text or "<@" in text for text in every_mrkdwn(message))


def test_the_private_answer_says_where_it_was_asked_and_links_there() -> None:
    message = render_private(ANSWER, "C1", "https://acme.slack.com/archives/C1/p1?thread_ts=1.0&cid=C1")
    check_message(message)
    assert message.text.startswith("You asked this in <#C1>")
    assert "<https://acme.slack.com/archives/C1/p1?thread_ts=1.0&amp;cid=C1|Open the thread>" in message.text
    assert "*2,442* — Orders" in message.text
    assert message.blocks[1:] == render_answer(ANSWER).blocks


@pytest.mark.parametrize("link", [None, "javascript:1", "https://x|y", "https://x> <!channel>"])
def test_what_is_no_address_is_no_link(link: str | None) -> None:
    message = render_private(ANSWER, "C1", link)
    check_message(message)
    assert "Open the thread" not in message.text
