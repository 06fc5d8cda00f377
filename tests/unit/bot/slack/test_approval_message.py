"""What a card says, before and after somebody decided, in three languages; every payload is checked by slackblocks."""

from dataclasses import replace
from typing import Any

import pytest

from agent.notice import Notice
from agent.turn import Action, Answer, Bill, Card, DecisionWord, Language, Route, Twin, Waiting
from bot.i18n.catalogue import LANGUAGES
from bot.slack.messages.answer import render_answer
from bot.slack.messages.message import Message
from tests.fakes.block_kit import check_message

NINE = 1_767_603_600.0
"""2026-01-05 09:00 UTC."""
CARD = Card("U1", NINE)
TWINS = (
    Twin(Notice("twin.period", {"since": "2025-12-02", "until": "2025-12-31"}), "SELECT 1", 2 * 10**11, 1.25),
    Twin(Notice("twin.columns", {"columns": "a, b"}), "SELECT 2", 10**11, 0.63),
    Twin(Notice("twin.sample", {"percent": 10, "table": "shop.orders"}), "SELECT 3", 10**10, None),
)
ANSWER = Answer(
    "message:T:C:1.0",
    "en",
    Route(Action.SQL_GENERATE, 1.0, ""),
    text="Revenue by day",
    notices=(Notice("approval.cost", {"cost_usd": 12.5, "limit_usd": 0.1}),),
    sql="SELECT * FROM shop.orders",
    decision=DecisionWord.APPROVAL_REQUIRED,
    tables_read=("p.shop.orders",),
    bill=Bill(bytes_estimated=2 * 10**12, cost_usd=12.5),
    approval_id="a7",
    card=CARD,
    twins=TWINS,
)


def render(answer: Answer) -> Message:
    message = render_answer(answer)
    check_message(message)
    return message


def buttons(message: Message) -> list[tuple[str, str]]:
    elements: list[dict[str, Any]] = [e for b in message.blocks if b["type"] == "actions" for e in b["elements"]]
    return [(element["action_id"], element["value"]) for element in elements]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_card_that_waits_says_why_who_until_when_and_what_is_cheaper(language: Language) -> None:
    message = render(replace(ANSWER, language=language))
    for part in ("$12.50", "2.0 TB", "<!date^1767603600^", "2026-01-05 09:00 UTC", "$0.63", "2025-12-02", "SELECT *"):
        assert part in message.text
    assert buttons(message) == [
        ("approve", "a7"),
        ("cancel", "a7"),
        ("twin:0", "0:message:T:C:1.0"),
        ("twin:1", "1:message:T:C:1.0"),
        ("twin:2", "2:message:T:C:1.0"),
        ("show_sql", "message:T:C:1.0"),
    ]


@pytest.mark.parametrize(
    ("card", "who"),
    [
        (CARD, "everybody in this conversation"),
        (replace(CARD, requester_may=False), "everybody in this conversation but <@U1>"),
        (replace(CARD, named=("U2", "S0FIN", "finance")), "<@U1> <@U2> <!subteam^S0FIN> @finance"),
        (replace(CARD, named=("U2", "U1"), requester_may=False), "<@U1> <@U2>"),
        (replace(CARD, named=("U2",), requester_may=False), "*Who may decide*: <@U2>\n"),
    ],
)
def test_a_card_names_who_may_decide(card: Card, who: str) -> None:
    assert who in render(replace(ANSWER, card=card)).text


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("state", ["approved", "denied", "expired"])
def test_a_card_that_was_decided_says_so_and_has_no_buttons(language: Language, state: Any) -> None:
    by = None if state == "expired" else "U2"
    message = render(
        replace(ANSWER, language=language, card=replace(CARD, state=state, decided_by=by, decided_at=NINE))
    )
    assert buttons(message) == [("show_sql", "message:T:C:1.0")]
    assert ("<@U2>" in message.text) == (by is not None)
    assert "<!date^1767603600^" in message.text
    assert "SELECT * FROM shop.orders" in message.text


def test_a_bare_yes_to_several_gets_the_buttons_of_each() -> None:
    waiting = (Waiting("a7", "revenue <!channel>?", 12.5), Waiting("a8", "x" * 5000, None))
    answer = replace(ANSWER, decision=DecisionWord.BLOCKED, approval_id=None, card=None, sql=None, waiting=waiting)
    message = render(answer)
    assert buttons(message) == [("approve", "a7"), ("cancel", "a7"), ("approve", "a8"), ("cancel", "a8")]
    assert "<!channel>" not in message.text
    many = tuple(Waiting(f"a{n}", "x" * 300, 1.0) for n in range(60))
    render(replace(answer, waiting=many))
