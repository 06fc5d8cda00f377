"""What an answer says beside its rows: the title, how the question was read, what to ask next."""

import asyncio
from typing import Any

import pytest

from agent.errors import JobTimedOut, ModelUnavailable, ModelUnparsable, TurnTimeSpent
from agent.llm.model import Meter, Prompt, ShapeT
from agent.notice import Notice
from agent.policy.decision import NeedApproval
from agent.turn import RunSql
from tests.fakes.model import FakeModel
from tests.unit.agent.desk import SQL, Desk, chat, drafted, routed

NOTES = {
    "assumptions": ["Cancelled orders count as well.", "Read as the last 17 days."],
    "next_questions": ["How many orders by status?", "Why did the 8,123 orders drop?", "Top 5 by day?"],
}


def noting_desk(*notes: Any, **draft: Any) -> Desk:
    desk = Desk(answer_notes_enabled=True)
    desk.model.says("plan_turn_action", routed("sql_generate")).says("sql_generate", {**drafted(), **draft})
    desk.model.says("answer_notes", *notes)
    return desk


async def test_the_title_is_followed_by_how_it_was_read_and_by_what_to_ask_next():
    desk = noting_desk(NOTES)
    answer = await desk.ask("How many orders?")
    assert answer.assumptions == ("Cancelled orders count as well.",)
    assert answer.next_questions == ("How many orders by status?", "Top 5 by day?")
    assert answer.usage.calls == 3
    prompt = desk.model.asked("answer_notes")[0].user
    assert all(told in prompt for told in ("How many orders?", SQL, "shop.orders: order_id, status", "in English"))


@pytest.mark.parametrize(
    "notes",
    [ModelUnavailable(), ModelUnparsable("?"), {}, {"assumptions": 7, "next_questions": "주문은?"}],
)
async def test_notes_that_fail_cost_nothing_but_themselves(notes: Any):
    answer = await noting_desk(notes).ask("How many orders?")
    assert answer.table is not None
    assert (answer.assumptions, answer.next_questions, answer.error) == ((), (), None)


class OutOfTime(FakeModel):
    """The turn's time is up when it is asked for notes."""

    async def ask(self, prompt: Prompt, shape: type[ShapeT], meter: Meter) -> ShapeT:
        if prompt.name == "answer_notes":
            raise meter.turn_away(TurnTimeSpent())
        return await super().ask(prompt, shape, meter)


async def test_notes_that_the_turn_has_no_time_for_do_not_make_its_answer_a_part_of_one():
    desk = Desk(answer_notes_enabled=True)
    desk.model = OutOfTime().says("plan_turn_action", routed("sql_generate")).says("sql_generate", drafted())
    answer = await desk.ask("How many orders?")
    assert answer.table is not None
    assert (answer.assumptions, answer.notices) == ((), ())


async def test_a_query_that_fails_ends_its_notes_with_it():
    desk = noting_desk(NOTES)
    desk.runner.run_errors.append(JobTimedOut())
    answer = await desk.ask("How many orders?")
    assert (answer.error, answer.assumptions) == ("JobTimedOut", ())
    assert not [task for task in asyncio.all_tasks() if task.get_name().startswith("notes:")]


async def test_somebody_elses_sql_is_not_explained_away():
    desk = noting_desk(NOTES)
    await desk.ask("", preset=RunSql(SQL))
    assert desk.model.asked("answer_notes") == []


async def test_what_was_approved_has_notes_on_its_askers_question():
    desk = noting_desk(NOTES)
    desk.runner.decisions[SQL] = NeedApproval((Notice("approval.cost", {"cost_usd": 5.0}),))
    desk.model.says("plan_turn_action", routed("sql_generate"), routed("execution_approve"))
    waiting = await desk.ask("How many orders?")
    assert (waiting.assumptions, desk.model.asked("answer_notes")) == ((), [])
    answer = await desk.ask("yes")
    assert answer.assumptions == ("Cancelled orders count as well.",)
    assert "<question>\nHow many orders?" in desk.model.asked("answer_notes")[0].user


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
    assert (await noting_desk({}, title=title).ask(question)).text == shown


async def test_what_waits_for_approval_has_no_figures_yet():
    desk = noting_desk(NOTES, title="All 9,999 orders")
    desk.runner.decisions[SQL] = NeedApproval((Notice("approval.cost", {"cost_usd": 5.0}),))
    assert (await desk.ask("How many orders?")).text == "How many orders?"


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
    notes = {
        "next_questions": ["What did <EMAIL_1> order last?", "What did <EMAIL_7> order?"],
        "assumptions": ["<EMAIL_1> is one customer."],
    }
    desk = noting_desk(notes, sql="SELECT COUNT(*) AS n FROM shop.orders WHERE status = '<EMAIL_1>'")
    answer = await desk.ask(f"How many orders has {mail}?")
    assert answer.next_questions == (f"What did {mail} order last?",)
    assert answer.assumptions == (f"{mail} is one customer.",)
    assert mail not in desk.model.asked("answer_notes")[0].user
