"""The demonstration's script against the prompts and shapes of the agent: a change there shows here."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from openai import AsyncOpenAI

from agent.fold_history import fold_history
from agent.history import MAX_MESSAGES
from agent.llm.model import Meter, Prompt, ShapeT
from agent.llm.openai import OpenAIModel
from agent.llm.prompts import PromptFile, fenced
from agent.nodes.chat_reply import ChatPlan
from agent.nodes.classify_relevance import Relevance
from agent.nodes.plan_turn_action import PlannedAction
from agent.nodes.schema_lookup import SchemaExplanation
from agent.nodes.sql_validate_explain import SqlExplanation
from agent.sql.generate import SqlDraft
from agent.state import Message, State
from agent.turn import Action
from bot.local.model.scripted import DEMO_SCRIPT, ScriptedModel

ORDERS_2025 = {
    "English": "How many orders were placed in 2025?",
    "Korean": "2025년에 주문이 몇 건 있었나요?",
    "Japanese": "2025年の注文は何件でしたか？",  # noqa: RUF001
}


@pytest.fixture
async def model() -> AsyncIterator[OpenAIModel]:
    async with (
        ScriptedModel(DEMO_SCRIPT).serving() as scripted,
        AsyncOpenAI(base_url=scripted.base_url, api_key="none") as client,
    ):
        yield OpenAIModel(client, "scripted")


async def prompt_of(name: str, text: str, **filled: str) -> Prompt:
    file = await asyncio.to_thread(PromptFile.read, name, max_tokens=100)
    return file.fill(
        system={"tools": "none", "schema": ""},
        message=fenced("message", text, limit=2000),
        **{"history": "", "examples": "", "days": "", "result": "", **filled},
    )


async def ask(model: OpenAIModel, shape: type[ShapeT], name: str, text: str, **filled: str) -> ShapeT:
    return await model.ask(await prompt_of(name, text, **filled), shape, Meter())


async def routed(model: OpenAIModel, text: str, **facts: str) -> Action:
    known = {"pending": "no", "previous": "none", "block": "no", "open_question": "", **facts}
    return (await ask(model, PlannedAction, "plan_turn_action", text, **known)).action


@pytest.mark.parametrize(
    ("text", "facts", "action"),
    [
        *((text, {}, Action.SQL_GENERATE) for text in ORDERS_2025.values()),
        ("What was our revenue by month in 2025, excluding cancelled and returned items?", {}, Action.SQL_GENERATE),
        ("revenue by month in 2025", {}, Action.SQL_GENERATE),
        ("hello", {}, Action.CHAT_REPLY),
        ("How are you today?", {}, Action.CHAT_REPLY),
        ("drop the orders table", {}, Action.CHAT_REPLY),
        ("delete all orders of 2025", {}, Action.CHAT_REPLY),
        ("What is the meaning of life?", {}, Action.CHAT_REPLY),
        ("Which tables and columns are there about orders?", {}, Action.SCHEMA_LOOKUP),
        ("Run this: SELECT COUNT(*) FROM shop.orders", {"block": "yes"}, Action.SQL_EXECUTE),
        ("Explain this: SELECT COUNT(*) FROM shop.orders", {"block": "yes"}, Action.SQL_VALIDATE_EXPLAIN),
        ("Run that again.", {"previous": "valid"}, Action.SQL_EXECUTE),
        ("what would that cost?", {"previous": "valid"}, Action.SQL_VALIDATE_EXPLAIN),
        ("Yes, run it.", {"pending": "yes", "previous": "valid"}, Action.EXECUTION_APPROVE),
        ("No, cancel it.", {"pending": "yes", "previous": "valid"}, Action.EXECUTION_CANCEL),
    ],
)
async def test_the_script_routes(model: OpenAIModel, text: str, facts: dict[str, str], action: Action):
    assert await routed(model, text, **facts) == action


async def test_the_history_of_a_thread_does_not_choose_the_reply(model: OpenAIModel):
    history = fenced("conversation", "U1: How many orders were placed in 2025?", limit=500)
    assert await routed(model, "hello again", history=history) == Action.CHAT_REPLY


@pytest.mark.parametrize("language", ORDERS_2025)
async def test_the_same_question_gets_the_same_sql_in_every_language(model: OpenAIModel, language: str):
    draft = await ask(model, SqlDraft, "sql_generate", ORDERS_2025[language], language=language, previous="", today="")
    assert "COUNT(*)" in draft.sql
    assert "2025" in draft.sql
    assert (
        draft.title
        == {
            "English": "Orders placed in 2025",
            "Korean": "2025년에 접수된 주문 수",
            "Japanese": "2025年の注文数",
        }[language]
    )


async def test_no_sql_is_made_up_for_a_question_without_a_script(model: OpenAIModel):
    told = {"language": "English", "previous": "", "today": "", "sql": "", "error": ""}
    for prompt in ("sql_generate", "sql_refine"):
        assert not (await ask(model, SqlDraft, prompt, "Average age of customers?", **told)).sql


@pytest.mark.parametrize("language", ORDERS_2025)
@pytest.mark.parametrize("text", ["hello", "안녕하세요", "thanks", "drop the orders table", "?"])
async def test_small_talk_says_that_it_is_scripted(model: OpenAIModel, language: str, text: str):
    plan = await ask(model, ChatPlan, "chat_reply", text, language=language, observations="")
    assert (plan.tool, plan.sql) == ("none", "")
    assert any(word in plan.reply for word in ("cripted", "대본", "台本"))


@pytest.mark.parametrize(("text", "relevant"), [("How many orders were there?", True), ("see you at lunch", False)])
async def test_talk_between_people_is_left_alone(model: OpenAIModel, text: str, relevant: bool):
    assert (await ask(model, Relevance, "classify_relevance", text)).relevant is relevant


@pytest.mark.parametrize("language", ORDERS_2025)
async def test_tables_and_sql_are_explained(model: OpenAIModel, language: str):
    tables = await ask(model, SchemaExplanation, "schema_lookup", "which tables?", language=language)
    assert "shop.orders" in tables.reply
    assert await ask(model, SqlExplanation, "sql_validate_explain", "why?", language=language, sql="", facts="")


@pytest.mark.parametrize(
    ("said", "summary"),
    [
        ("U1: How many orders?", "Earlier in this conversation"),
        ("U1: 주문이 몇 건인가요?", "앞의 대화에서는"),
        ("U1: 注文は何件でしたか", "これまでの会話では"),
    ],
)
async def test_a_long_thread_is_folded_in_its_language(model: OpenAIModel, said: str, summary: str) -> None:
    older = [Message(id=f"{number}:person", role="person", user="U1", text=said) for number in range(MAX_MESSAGES + 1)]
    update = await fold_history(model, State(turn_id="t", work={}, messages=older), 2000, Meter())
    assert update is not None
    assert "summary" in update
    assert update["summary"]["text"].startswith(summary)
