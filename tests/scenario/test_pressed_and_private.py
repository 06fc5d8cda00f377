"""Choices and next questions pressed, and a room with a guest, through the whole daemon."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from bot.local.model.scripted import DEMO_SCRIPT
from tests.scenario.house import House, open_house

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
        {"sql": SQL, "title": "Most orders"},
        f"<message>\\s*{BY_ORDERS[:-1]}",
    ),
    rule("answer_notes", {"assumptions": ["Orders of all years count."], "next_questions": [NEXT]}),
]

POLICY = """
version: 1
grants:
  - {to: everyone, read: shop}
  - {to: channel:agency, external: true, read: shop.products}
"""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house(
    tmp_path_factory: pytest.TempPathFactory, postgres_uri: str, googlesql_cache: Path
) -> AsyncIterator[House]:
    folder = tmp_path_factory.mktemp("house")
    policy = folder / "policy.yaml"
    policy.write_text(POLICY)
    async with open_house(folder, postgres_uri, googlesql_cache, POLICY_FILE=str(policy)) as house:
        house.model.play([*RULES, *json.loads(DEMO_SCRIPT.read_text())])
        await house.start_daemon()
        yield house


def said(house: House, thread: str, words: str, channel: str = "C0GENERAL") -> dict[str, Any] | None:
    return next((m for m in house.workspace.answers(channel, thread) if words in m["text"]), None)


async def test_a_choice_goes_on_as_who_pressed_it_and_what_comes_next_is_pressed_too(house: House):
    thread = await house.ask(VAGUE)
    (question,) = await house.answered(thread)
    assert "• Revenue\n• Orders" in question["text"]
    await house.workspace.click("U0MINSU", question["ts"], "C0GENERAL", "choose:1")
    answer = await house.until(lambda: said(house, thread, "Most orders"))
    assert answer["text"].startswith(f"<@U0MINSU> asks: {BY_ORDERS}")
    assert "Orders of all years count." in answer["text"]
    question = await house.until(lambda: said(house, thread, "<@U0MINSU> chose: Orders"))
    assert "choose" not in str(question["blocks"])

    await house.workspace.click("U0AOI", answer["ts"], "C0GENERAL", "ask:0")
    await house.until(lambda: said(house, thread, "2,442"))
    assert len(house.workspace.answers("C0GENERAL", thread)) == 3


async def test_in_a_room_with_a_guest_the_asker_gets_the_answer_in_private_and_once(house: House):
    thread = await house.ask(NEXT, channel="C0AGENCY")
    (reply,) = await house.answered(thread, "C0AGENCY")
    assert "2,442" not in str(reply)
    assert "Not everyone in this conversation may see this data." in reply["text"]
    assert "<@U0ANA> a fuller answer in a direct message" in reply["text"]
    for envelope in house.workspace.envelopes_of(thread):
        await house.workspace.redeliver(envelope)
    await house.until(lambda: all(len(envelope.acks) == 2 for envelope in house.workspace.envelopes_of(thread)))
    (private,) = house.workspace.messages("D0ANA")
    assert "2,442" in private["text"]
    assert f"#C0AGENCY/{thread}|Open the thread>" in private["text"]

    await house.workspace.click("U0ANA", private["ts"], "D0ANA", "show_sql")
    await house.until(lambda: [m for m in house.workspace.modals("U0ANA") if "COUNT(*)" in str(m["blocks"])])


async def test_a_guest_is_shown_no_data_even_alone(house: House):
    jobs = len(house.billed_jobs)
    await house.workspace.post("U0GIL", "D0GIL", NEXT)
    answer = await house.until(
        lambda: next(
            (m for m in house.workspace.messages("D0GIL") if m.get("bot_id") and "stop" not in str(m["blocks"])), None
        )
    )
    assert "2,442" not in str(answer)
    assert len(house.billed_jobs) == jobs
