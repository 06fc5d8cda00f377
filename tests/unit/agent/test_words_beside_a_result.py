"""What an answer says beside its rows: the title, how the question was read, what to ask next."""

from typing import Any

import pytest

from agent.notice import Notice
from agent.policy.decision import NeedApproval
from agent.turn import Answer, RunSql
from tests.unit.agent.desk import SQL, Desk, chat, drafted, routed

BESIDE = {
    "assumptions": ["Cancelled orders count as well.", "Read as the last 17 days."],
    "next_questions": [
        "How many orders by status?",
        "Why did the 8,123 orders drop?",
        "Top 5 by day?",
    ],
}


async def answered(question: str = "How many orders in 2025?", **draft: Any) -> Answer:
    desk = Desk()
    desk.model.says("plan_turn_action", routed("sql_generate")).says("sql_generate", {**drafted(), **draft})
    return await desk.ask(question)


async def test_the_title_is_followed_by_how_it_was_read_and_by_what_to_ask_next():
    answer = await answered("How many orders?", **BESIDE)
    assert answer.assumptions == ("Cancelled orders count as well.",)
    assert answer.next_questions == ("How many orders by status?", "Top 5 by day?")


@pytest.mark.parametrize(
    ("question", "title", "shown"),
    [
        ("How many orders in 2025?", "42 orders in 2025", "42 orders in 2025"),
        ("How many orders in 2025?", "1,234 orders in 2025", "How many orders in 2025?"),
        ("2025년 주문은 몇 건?", "2025년 주문 1만 2천 건", "2025년 주문은 몇 건?"),
        ("2025年の注文は?", "2025年の注文。全部で3億件です。", "2025年の注文。"),
        ("How many?", "Orders this year (2026)", "Orders this year (2026)"),  # today is known
    ],
)
async def test_a_figure_that_is_not_the_results_is_not_said(question: str, title: str, shown: str):
    assert (await answered(question, title=title)).text == shown


async def test_without_a_result_nothing_is_suggested():
    desk = Desk()
    desk.runner.decisions[SQL] = NeedApproval((Notice("approval.cost", {"cost_usd": 5.0}),))
    desk.model.says("plan_turn_action", routed("sql_generate"))
    desk.model.says("sql_generate", {**drafted(title="All 9,999 orders"), **BESIDE})
    waiting = await desk.ask("How many orders?")
    assert (waiting.text, waiting.next_questions) == ("How many orders?", ())
    assert waiting.assumptions == ("Cancelled orders count as well.",)


async def test_what_the_chat_road_says_beside_rows_is_held_to_them_too():
    desk = Desk(chat_allow_execute_in_chat=True)
    desk.model.says("plan_turn_action", routed("chat_reply"))
    desk.model.says(
        "chat_reply", chat("One moment.", "run_sql", SQL), chat("Here you are. It is 42. Last year it was 17.")
    )
    answer = await desk.ask("tell me about orders")
    assert answer.table is not None
    assert answer.text == "Here you are. It is 42."


async def test_a_button_has_no_words_of_its_own():
    answer = await Desk().ask("", preset=RunSql(SQL))
    assert (answer.text, answer.assumptions, answer.next_questions) == (None, (), ())


async def test_next_questions_hold_the_persons_own_values_again():
    mail = "ada@example.com"
    answer = await answered(
        f"How many orders has {mail}?",
        sql="SELECT COUNT(*) AS n FROM shop.orders WHERE status = '<EMAIL_1>'",
        next_questions=["What did <EMAIL_1> order last?", "What did <EMAIL_7> order?"],
        assumptions=["<EMAIL_1> is one customer."],
    )
    assert answer.next_questions == (f"What did {mail} order last?",)
    assert answer.assumptions == (f"{mail} is one customer.",)
