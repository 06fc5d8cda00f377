"""Ask, don't guess, over real sockets: a question back, a choice, and the answer to the question it stands for."""

from typing import Any

import pytest

from agent.turn import Action, Choice, Language
from tests.roads_bench import Bench
from tests.unit.agent.desk import drafted, routed

pytestmark = pytest.mark.asyncio(loop_scope="session")

REVENUE = "SELECT user_id, SUM(sale_price) AS spent FROM shop.order_items GROUP BY user_id ORDER BY spent DESC LIMIT 3"
ORDERS = "SELECT user_id, COUNT(*) AS orders FROM shop.orders GROUP BY user_id ORDER BY orders DESC LIMIT 3"
STORIES: dict[Language, dict[str, str]] = {
    "en": {
        "asked": "Who are our best customers?",
        "back": "Best by revenue or by number of orders?",
        "revenue": "Who are our three best customers by revenue?",
        "orders": "Who are our three best customers by number of orders?",
        "picks": "the second one please",
        "title": "Customers by number of orders",
        "next": "How many orders were placed per month?",
    },
    "ko": {
        "asked": "우수 고객이 누구야?",
        "back": "매출 기준인가요, 주문 수 기준인가요?",
        "revenue": "매출이 가장 많은 고객 세 명은 누구인가요?",
        "orders": "주문이 가장 많은 고객 세 명은 누구인가요?",
        "picks": "2",
        "title": "주문 수가 많은 고객",
        "next": "월별 주문 수는 어떻게 되나요?",
    },
    "ja": {
        "asked": "優良顧客は誰ですか?",
        "back": "売上順ですか、注文数順ですか?",
        "revenue": "売上が最も多い顧客3人は誰ですか?",
        "orders": "注文数が最も多い顧客3人は誰ですか?",
        "picks": "2番目",
        "title": "注文数の多い顧客",
        "next": "月別の注文数は?",
    },
}


def offer(label: str, question: str, column: str, value: str = "") -> dict[str, str]:
    return {"label": label, "question": question, "column": column, "value": value}


def offers(story: dict[str, str]) -> dict[str, Any]:
    return {
        "question": story["back"],
        "choices": [
            offer("A", story["revenue"], "shop.order_items.sale_price"),
            offer("B", story["orders"], "shop.orders.order_id"),
            offer("C", story["orders"] + "!", "shop.orders.loyalty_points"),
            offer("D", story["revenue"] + "!", "shop.orders.status", "Delighted"),
        ],
    }


@pytest.mark.parametrize("language", ["en", "ko", "ja"])
async def test_asked_back_chosen_in_words_and_answered(bench: Bench, language: Language):
    story = STORIES[language]
    talk = bench.talk(
        plan_turn_action=[
            routed("sql_generate", question=story["back"]),
            {**routed("sql_generate"), "choice": 2},
            routed("sql_generate"),
        ],
        clarify=[offers(story)],
        sql_generate=[drafted(ORDERS, story["title"]), drafted(REVENUE, story["title"])],
        answer_notes=[{"assumptions": [], "next_questions": [story["next"]]}, {}],
        options={"answer_notes_enabled": True},
    )
    asked = await talk.ask(story["asked"])
    assert (asked.text, asked.language, talk.ran) == (story["back"], language, [])
    assert asked.choices == (Choice("A", story["revenue"]), Choice("B", story["orders"]))
    answer = await talk.ask(story["picks"])
    assert answer.route
    assert (answer.route.action, answer.text, answer.language) == (Action.SQL_GENERATE, story["title"], language)
    assert answer.next_questions == (story["next"],)
    assert answer.table
    assert len(answer.table.rows) == 3
    assert story["orders"] in talk.asked("plan_turn_action")[1]
    assert f"<message>\n{story['orders']}\n</message>" in talk.asked("sql_generate")[0]
    follow_up = await talk.ask(answer.next_questions[0])
    assert (follow_up.choices, len(talk.ran)) == ((), 2)
    assert "<open_question>" not in talk.asked("plan_turn_action")[2]


async def test_a_pressed_choice_costs_no_router(bench: Bench):
    story = STORIES["en"]
    talk = bench.talk(
        plan_turn_action=[routed("sql_generate", question=story["back"])],
        clarify=[offers(story)],
        sql_generate=[drafted(REVENUE, "By revenue")],
    )
    asked = await talk.ask(story["asked"])
    answer = await talk.ask(asked.choices[0].text)
    assert (answer.table is not None, talk.calls) == (True, ["plan_turn_action", "clarify", "sql_generate"])


async def test_the_same_question_is_not_asked_twice_in_a_row(bench: Bench):
    story = STORIES["en"]
    talk = bench.talk(
        plan_turn_action=[
            routed("sql_generate", question=story["back"]),
            routed("sql_generate", question=story["back"]),
        ],
        clarify=[offers(story)],
        sql_generate=[drafted(REVENUE)],
        answer_notes=[{"assumptions": "Best means most revenue."}],
        options={"answer_notes_enabled": True},
    )
    await talk.ask(story["asked"])
    answer = await talk.ask("just the best ones")
    assert answer.table is not None
    assert answer.assumptions == ("Best means most revenue.",)


async def test_a_model_that_offers_nonsense_still_asks(bench: Bench):
    talk = bench.talk(
        plan_turn_action=[routed("sql_generate", question="Which ones?")],
        clarify=["no JSON", "none again"],
    )
    answer = await talk.ask("Who are our best customers?")
    assert (answer.text, answer.choices, answer.error) == ("Which ones?", (), None)
