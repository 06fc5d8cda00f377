"""Whole turns with personal data in them: the model never sees it, the door and the person always do."""

import json
import re

from agent.errors import InvalidQuery
from agent.history import MOST_ROWS_IN_A_PROMPT
from agent.llm.model import Prompt
from agent.turn import Column, Said, Table
from tests.unit.agent.desk import Desk, chat, drafted, routed

MAIL, PHONE, CARD, RRN = "o'brien@example.com", "010-1234-5678", "4111 1111 1111 1111", "900101-1234568"
WRITTEN = "SELECT COUNT(*) AS n FROM shop.orders WHERE email = '<EMAIL_1>'"
REAL = r"SELECT COUNT(*) AS n FROM shop.orders WHERE email = 'o\'brien@example.com'"


def told(prompts: list[Prompt]) -> str:
    return "\n".join(f"{prompt.system}\n{prompt.user}" for prompt in prompts)


async def test_a_question_about_one_customer_is_answered_without_the_model_knowing_whom():
    desk = Desk()
    desk.model.says("plan_turn_action", routed("sql_generate"))
    desk.model.says("sql_generate", drafted(WRITTEN, "Orders of <EMAIL_1>"))
    answer = await desk.ask(f"How many orders has {MAIL} placed?")
    assert (answer.sql, answer.text) == (REAL, f"Orders of {MAIL}")
    assert desk.runner.ran == [REAL]
    assert set(desk.runner.checked) == {REAL}
    assert "<EMAIL_1>" in desk.model.asked("sql_generate")[0].user
    assert "brien" not in told(desk.model.prompts)


async def test_history_thread_previous_sql_and_errors_are_masked_too():
    desk = Desk()
    failing = "SELECT oops FROM shop.orders WHERE email = '<EMAIL_1>'"
    desk.runner.decisions[failing.replace("<EMAIL_1>", r"o\'brien@example.com")] = InvalidQuery(
        f"Unrecognized name: oops near 'jane@example.com' of {PHONE}"
    )
    desk.model.says("plan_turn_action", routed("sql_generate"))
    desk.model.says("sql_generate", drafted(WRITTEN), drafted(failing)).says("sql_refine", drafted(WRITTEN))
    await desk.ask(f"Orders of {MAIL}?", thread=(Said("U2", f"call {PHONE} first"), Said("U3", f"paid with {CARD}")))
    answer = await desk.ask("only Korea")
    assert answer.sql == REAL
    prompts = desk.model.asked("sql_generate")[1:] + desk.model.asked("sql_refine")
    assert len(prompts) == 2
    assert all("<conversation>" in prompt.user and "<previous_sql>" in prompt.user for prompt in prompts)
    assert not any(value in told(prompts) for value in ("brien", "jane@", PHONE, CARD))


async def test_every_road_is_masked():
    desk = Desk()
    text = f"{MAIL} {PHONE} {RRN} {CARD}"
    desk.model.says("classify_relevance", {"relevant": True})
    desk.model.says("schema_lookup", {"reply": "See <EMAIL_1>.", "sql": "SELECT '<PHONE_1>'"})
    desk.model.says("sql_validate_explain", {"reply": "It reads <EMAIL_1>."})
    desk.model.says("chat_reply", chat("One moment", "check_sql", "SELECT '<CARD_1>'"), chat("Hello <EMAIL_1>"))
    for action in ("chat_reply", "schema_lookup", "sql_validate_explain"):
        desk.model.says("plan_turn_action", routed(action))
        answer = await desk.ask(f"SELECT 1 -- {text}" if action == "sql_validate_explain" else text, addressed=False)
        assert answer.text
        assert MAIL in answer.text
    assert {prompt.name for prompt in desk.model.prompts} >= {"classify_relevance", "chat_reply", "schema_lookup"}
    assert f"SELECT '{CARD}'" in desk.runner.checked
    assert not any(value in told(desk.model.prompts) for value in ("brien", PHONE, RRN, CARD))


CHOICES = [
    {"label": "All", "question": "Orders of <EMAIL_1>?", "column": "shop.orders.order_id", "value": ""},
    {"label": "Done", "question": "Complete orders of <EMAIL_1>?", "column": "shop.orders.status", "value": "Complete"},
]


async def test_a_question_back_names_the_value():
    desk = Desk()
    desk.model.says("plan_turn_action", routed("sql_generate", question="Do you mean <EMAIL_1> as buyer?"))
    desk.model.says("clarify", {"question": "Is <EMAIL_1> a buyer?", "choices": CHOICES})
    answer = await desk.ask(f"how about {MAIL}")
    assert answer.text == f"Is {MAIL} a buyer?"
    assert [choice.text for choice in answer.choices] == [f"Orders of {MAIL}?", f"Complete orders of {MAIL}?"]
    assert MAIL not in desk.model.asked("clarify")[0].user


async def test_a_message_without_personal_data_goes_out_as_it_is():
    desk = Desk()
    desk.model.says("plan_turn_action", routed("sql_generate")).says("sql_generate", drafted())
    await desk.ask("Orders 1234567890 between 2024-01-01 and 2024-03-31 over 1,000,000 in app version 1.2.3.4?")
    prompt = desk.model.asked("sql_generate")[0].user
    assert "Orders 1234567890 between 2024-01-01 and 2024-03-31 over 1,000,000 in app version 1.2.3.4?" in prompt
    assert "hidden" not in prompt


async def test_what_is_remembered_holds_no_placeholder():
    desk = Desk()
    desk.model.says("plan_turn_action", routed("sql_generate"))
    desk.model.says("sql_generate", drafted(WRITTEN, "Orders of <EMAIL_1>"))
    await desk.ask(f"How many orders has {MAIL} placed?")
    kept = json.dumps(await desk.state(), default=str)
    assert "EMAIL_1" not in kept
    assert MAIL in kept


async def test_a_prompt_holds_at_most_twenty_rows_and_no_address_out_of_them():
    desk = Desk()
    rows = tuple((f"person{number}@example.com", f"row-{number}") for number in range(50))
    table = Table((Column("email", "STRING"), Column("name", "STRING")), rows, 50)
    desk.model.says("plan_turn_action", routed("sql_generate")).says("sql_generate", drafted("SELECT 1"))
    desk.runner.tables["SELECT 1"] = table
    for _ in range(30):
        await desk.ask("who?")
    shown = [len(re.findall(r"row-\d+", prompt.user)) for prompt in desk.model.prompts]
    assert 0 < max(shown) <= MOST_ROWS_IN_A_PROMPT
    assert "@example.com" not in told(desk.model.prompts)


async def test_sql_that_leaves_the_named_customer_out_goes_back_to_the_model():
    desk = Desk()
    desk.model.says("plan_turn_action", routed("sql_generate"))
    desk.model.says("sql_generate", drafted("SELECT 1")).says("sql_refine", drafted(WRITTEN))
    answer = await desk.ask(f"How many orders has {MAIL} placed?")
    assert (answer.sql, answer.notices) == (REAL, ())
    assert "must filter by <EMAIL_1>" in desk.model.asked("sql_refine")[0].user
    assert desk.runner.ran == [REAL]


async def test_a_result_that_is_not_about_the_named_customer_says_so():
    desk = Desk(sql_max_tries=2)
    desk.model.says("plan_turn_action", routed("sql_generate"))
    desk.model.says("sql_generate", drafted("SELECT 1")).says("sql_refine", drafted("SELECT 2"))
    answer = await desk.ask(f"How many orders has {MAIL} placed?")
    assert [(notice.code, notice.params) for notice in answer.notices] == [("caveat.value_unused", {"values": MAIL})]
