"""Every way to speak to the bot that is no message to it, through the whole daemon: commands, shortcuts, marks."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from tests.scenario.house import House, is_final, open_house

pytestmark = pytest.mark.asyncio(loop_scope="module")

QUESTION, ANSWER = "How many orders were placed in 2025?", "2,442"


CHANNELS = {
    "SLACK_CHANNEL": "C0GENERAL",
    "SLACK_CHANNEL_FILTER": "C0GENERAL,C0SALES,C0PARTNERS",
    "SLACK_CHANNEL_AUTO_REPLY": "true",
    "SLACK_CHANNEL_AUTO_REPLY_ALLOWLIST": "C0SALES",
    "SLACK_CHANNEL_AUTO_REPLY_KEYWORDS": "orders, 주문",
}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house(
    tmp_path_factory: pytest.TempPathFactory, postgres_uri: str, googlesql_cache: Path
) -> AsyncIterator[House]:
    async with open_house(tmp_path_factory.mktemp("house"), postgres_uri, googlesql_cache, **CHANNELS) as house:
        await house.start_daemon()
        yield house


def said(house: House, words: str, channel: str) -> dict[str, Any] | None:
    """The bot's message in *channel* that says *words*."""
    mine = [m for m in house.workspace.messages(channel) if m.get("bot_id")]
    return next((m for m in mine if words in m["text"]), None)


def whispered(house: House, user: str, words: str) -> list[str]:
    return [w["text"] for w in house.workspace.whispers(user) if words in w["text"]]


async def test_a_question_by_command_stands_in_the_channel_and_is_answered_below_it(house: House):
    await house.workspace.command("U0MINSU", "C0SALES", "/data", f"ask {QUESTION}")
    root = await house.until(lambda: said(house, f"<@U0MINSU> asks: {QUESTION}", "C0SALES"))
    await house.until(lambda: [a for a in house.workspace.answers("C0SALES", root["ts"]) if ANSWER in a["text"]])


async def test_a_question_by_command_in_the_direct_message_is_quoted_by_its_answer(house: House):
    await house.workspace.command("U0AOI", "D0AOI", "/data", f"ask {QUESTION}")
    answer = await house.until(
        lambda: m if (m := said(house, f"<@U0AOI> asks: {QUESTION}", "D0AOI")) and is_final(m) else None
    )
    assert ANSWER in answer["text"]
    await house.workspace.command("U0AOI", "D0AOI", "/data", "new")
    await house.until(lambda: said(house, "We start over", "D0AOI"))


async def test_a_direct_message_is_a_conversation_without_mentions_and_its_session_can_be_stopped(house: House):
    workspace = house.workspace

    async def ask(text: str) -> tuple[str, int]:
        """The post's ts, and how many messages of the bot's stood there before."""
        before = len([m for m in workspace.messages("D0ANA") if m.get("bot_id")])
        return await workspace.post("U0ANA", "D0ANA", text), before

    def answers(before: int) -> list[dict[str, Any]]:
        return [m for m in workspace.messages("D0ANA") if m.get("bot_id")][before:]

    for question in (QUESTION, "Run that again."):
        _, before = await ask(question)
        (answer,) = await house.until(lambda before=before: [m for m in answers(before) if ANSWER in m["text"]])
        assert not answer.get("thread_ts")
    house.bigquery.delay_seconds = 120.0  # until it is stopped
    try:
        jobs = len(house.billed_jobs)
        ts, before = await ask("Run that again.")
        await house.until(lambda: len(house.billed_jobs) > jobs)
        await house.until(lambda: workspace.room.sessions.get(("D0ANA", ts), {}).get("status") == "processing")
        workspace.gestures.stop_session("U0ANA", "D0ANA", ts)
        await house.until(lambda: [m for m in answers(before) if "Stopped" in m["text"]])
    finally:
        house.bigquery.delay_seconds = 0.0


async def test_commands_that_show_something_show_it_to_who_gave_them_alone(house: House):
    await house.workspace.command("U0ANA", "C0GENERAL", "/hello")
    await house.workspace.command("U0ANA", "C0GENERAL", "/data", "help")
    await house.workspace.command("U0ANA", "C0GENERAL", "/data", "budget")
    await house.workspace.command("U0ANA", "C0GENERAL", "/longtask", "1")
    for words in ("Hello <@U0ANA>", "/data budget", "No budget limits", "Started: a task", "Done: the task took 1"):
        await house.until(lambda words=words: whispered(house, "U0ANA", words))
    assert house.workspace.messages("C0GENERAL") == []


async def test_second_thoughts_edits_deletions_and_the_wastebasket(house: House):
    workspace, hands = house.workspace, house.workspace.gestures
    house.bigquery.delay_seconds = 120.0  # until it is stopped
    try:
        thread = await house.ask(QUESTION)
        jobs = len(house.billed_jobs)
        await house.until(lambda: len(house.billed_jobs) > jobs)
        await house.until(lambda: "eyes" in str(workspace.thread("C0GENERAL", thread)[0].get("reactions")))
        edited = await house.ask("drop the orders table", thread=thread)
        deleted = await house.ask("hello", thread=thread)
        hands.edit("U0ANA", "C0GENERAL", edited, f"<@U0BOLT> {QUESTION}")
        hands.delete("U0ANA", "C0GENERAL", deleted)
        await house.until(lambda: house.daemon.named("turn.amended") and house.daemon.named("turn.withdrawn"))
    finally:
        house.bigquery.delay_seconds = 0.0
    await workspace.click("U0ANA", workspace.answers("C0GENERAL", thread)[0]["ts"], "C0GENERAL", "stop")
    first, second = await house.until(
        lambda: a if len(a := workspace.answers("C0GENERAL", thread)) == 2 and ANSWER in a[1]["text"] else None
    )
    assert "Stopped" in first["text"]
    await house.until(lambda: not workspace.thread("C0GENERAL", thread)[0].get("reactions"))

    hands.edit("U0ANA", "C0GENERAL", edited, "<@U0BOLT> never mind")
    await house.until(lambda: whispered(house, "U0ANA", "before you edited this"))
    await workspace.react("U0MINSU", "C0GENERAL", second["ts"], "wastebasket")
    await house.until(lambda: whispered(house, "U0MINSU", "질문한 분만"))
    await workspace.react("U0ANA", "C0GENERAL", second["ts"], "wastebasket")
    await house.until(lambda: [m["ts"] for m in workspace.answers("C0GENERAL", thread)] == [first["ts"]])


async def test_a_question_about_a_message_is_answered_in_its_thread_and_quoted_there(house: House):
    workspace = house.workspace
    message = await workspace.post("U0AOI", "C0SALES", "The plan says 2,500.")
    workspace.gestures.shortcut("U0ANA", "C0SALES", message, "ask_about")
    modal = await house.until(lambda: next(iter(workspace.modals("U0ANA")), None))
    values = {modal["blocks"][1]["block_id"]: {"question": {"type": "plain_text_input", "value": QUESTION}}}
    await workspace.submit("U0ANA", modal["id"], values)
    answer = await house.until(
        lambda: next((m for m in workspace.answers("C0SALES", message) if ANSWER in m["text"]), None)
    )
    assert answer["text"].startswith(f"<@U0ANA> asks: {QUESTION}")
    assert "The plan says 2,500." in str([request.messages for request in house.model.requests])


async def test_a_question_to_nobody_is_answered_where_that_is_wanted_and_a_word_to_us_nowhere_else(house: House):
    workspace = house.workspace
    thread = await workspace.post("U0ANA", "C0SALES", QUESTION)
    await house.until(lambda: [a for a in workspace.answers("C0SALES", thread) if ANSWER in a["text"]])
    await workspace.post("U0MINSU", "C0AGENCY", f"<@U0BOLT> {QUESTION}")
    await house.until(lambda: whispered(house, "U0MINSU", "I do not answer in this channel"))
    assert not [m for m in workspace.messages("C0AGENCY") if m.get("bot_id")]


async def test_in_a_channel_of_two_companies_a_colleague_allows_answers_once(house: House):
    workspace = house.workspace
    thread = await house.ask(QUESTION, channel="C0PARTNERS")
    card = await house.until(lambda: said(house, "shared with another company", "C0PARTNERS"))
    asked = len(house.model.requests)
    await workspace.click("U0PIA", card["ts"], "C0PARTNERS", "consent")
    await house.until(lambda: whispered(house, "U0PIA", "You may not allow this"))
    assert len(house.model.requests) == asked
    await workspace.click("U0ANA", card["ts"], "C0PARTNERS", "consent")
    card, answer = await house.until(
        lambda: a if len(a := workspace.answers("C0PARTNERS", thread)) == 2 and "no data here" in a[1]["text"] else None
    )
    assert card["text"].startswith("<@U0ANA> has allowed answers")
    await house.until(lambda: said(house, "<@U0ANA> has allowed answers in <#C0PARTNERS>", "C0GENERAL"))
    assert ANSWER not in str(answer)  # what may be shown there is policy's to say
    second = await house.ask("hello", channel="C0PARTNERS")
    await house.until(lambda: house.daemon.named("turn.finished")[-1]["turn"].endswith(second))
    assert "shared with another company" not in str(workspace.answers("C0PARTNERS", second))


async def test_who_opens_the_direct_message_is_greeted_once(house: House):
    for _ in range(2):
        await house.workspace.open_home("U0MINSU", "messages")
    await house.until(lambda: said(house, "안녕하세요!", "D0MINSU"))
    opened = [e for e in house.workspace.envelopes if e.event.get("type") == "app_home_opened"]
    await house.until(lambda: len([f for f in house.daemon.named("inbox.item_finished") if f["kind"] == "pane"]) == 2)
    assert all(envelope.acks for envelope in opened)
    assert len([m for m in house.workspace.messages("D0MINSU") if m.get("bot_id")]) == 1
