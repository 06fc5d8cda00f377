"""Choices and next questions pressed, and a room with a guest, through the whole daemon."""

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from bot.local.model.scripted import DEMO_SCRIPT
from tests.scenario.house import House

pytestmark = pytest.mark.asyncio(loop_scope="module")

VAGUE, BACK = "Who are our best customers?", "Best by revenue or by number of orders?"
BY_REVENUE, BY_ORDERS = "Who spent most?", "Who ordered most often?"
NEXT = "How many orders were placed in 2025?"
SQL = "SELECT user_id, COUNT(*) AS orders FROM shop.orders GROUP BY user_id ORDER BY orders DESC LIMIT 3"


def rule(schema: str, reply: dict[str, Any], user_says: str | None = None) -> dict[str, Any]:
    return {"schema_name": schema, "user_says": user_says, "reply": reply}


def offer(label: str, question: str, column: str) -> dict[str, str]:
    return {"label": label, "question": question, "column": column, "value": ""}


RULES = [
    rule(
        "plan_turn_action",
        {
            "action": "sql_generate",
            "confidence": 0.9,
            "reason": "scripted",
            "changes_data": False,
            "clarifying_question": BACK,
        },
        f"<message>\\s*{VAGUE[:-1]}",
    ),
    rule(
        "clarify",
        {
            "question": BACK,
            "choices": [
                offer("Revenue", BY_REVENUE, "shop.order_items.sale_price"),
                offer("Orders", BY_ORDERS, "shop.orders.order_id"),
            ],
        },
    ),
    rule(
        "sql_generate",
        {"sql": SQL, "title": "Most orders", "assumptions": ["all years"], "next_questions": [NEXT]},
        f"<message>\\s*{BY_ORDERS[:-1]}",
    ),
]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def vague(house: House) -> AsyncIterator[House]:
    """The demo's model, which also asks back."""
    house.model.play([*RULES, *json.loads(DEMO_SCRIPT.read_text())])
    yield house


def said(house: House, thread: str, words: str, channel: str = "C0GENERAL") -> dict[str, Any] | None:
    return next((m for m in house.workspace.answers(channel, thread) if words in m["text"]), None)


async def test_a_choice_goes_on_as_who_pressed_it_and_what_comes_next_is_pressed_too(vague: House):
    house = vague
    thread = await house.ask(VAGUE)
    (question,) = await house.answered(thread)
    assert "• Revenue\n• Orders" in question["text"]
    await house.workspace.click("U0MINSU", question["ts"], "C0GENERAL", "choose:1")
    answer = await house.until(lambda: said(house, thread, "Most orders"))
    assert answer["text"].startswith(f"<@U0MINSU> asks: {BY_ORDERS}")
    assert "all years" in answer["text"]
    question = await house.until(lambda: said(house, thread, "<@U0MINSU> chose: Orders"))
    assert "choose" not in str(question["blocks"])

    await house.workspace.click("U0AOI", answer["ts"], "C0GENERAL", "ask:0")
    await house.until(lambda: said(house, thread, "2,442"))
    assert len(house.workspace.answers("C0GENERAL", thread)) == 3
