"""Every way to speak to the bot that is no message to it, through the whole daemon: commands, shortcuts, marks."""

from typing import Any

import pytest

from tests.scenario.house import House, is_final

pytestmark = pytest.mark.asyncio(loop_scope="module")

QUESTION, ANSWER = "How many orders were placed in 2025?", "2,442"


def said(house: House, words: str, channel: str) -> dict[str, Any] | None:
    """The bot's message in *channel* that says *words*."""
    mine = [m for m in house.workspace.messages(channel) if m.get("bot_id")]
    return next((m for m in mine if words in m["text"]), None)


def whispered(house: House, user: str, words: str) -> list[str]:
    return [w["text"] for w in house.workspace.whispers(user) if words in w["text"]]


async def test_a_question_by_command_stands_in_the_channel_and_is_answered_below_it(house: House):
    await house.workspace.command("U0MINSU", "C0SALES", "/data", f"ask {QUESTION}")
    root = await house.until(lambda: said(house, f"<@U0MINSU> asks: {QUESTION}", "C0SALES"))
    (answer,) = await house.answered(root["ts"], "C0SALES")
    assert ANSWER in answer["text"]


async def test_a_question_by_command_in_the_direct_message_is_quoted_by_its_answer(house: House):
    await house.workspace.command("U0AOI", "D0AOI", "/data", f"ask {QUESTION}")
    answer = await house.until(
        lambda: m if (m := said(house, f"<@U0AOI> asks: {QUESTION}", "D0AOI")) and is_final(m) else None
    )
    assert ANSWER in answer["text"]
    await house.workspace.command("U0AOI", "D0AOI", "/data", "new")
    await house.until(lambda: said(house, "We start over", "D0AOI"))


async def test_commands_that_show_something_show_it_to_who_gave_them_alone(house: House):
    await house.workspace.command("U0ANA", "C0GENERAL", "/hello")
    await house.workspace.command("U0ANA", "C0GENERAL", "/data", "help")
    await house.workspace.command("U0ANA", "C0GENERAL", "/data", "budget")
    await house.workspace.command("U0ANA", "C0GENERAL", "/longtask", "1")
    for words in ("Hello <@U0ANA>", "/data budget", "No budget limits", "Started: a task", "Done: the task took 1"):
        await house.until(lambda words=words: whispered(house, "U0ANA", words))
    assert house.workspace.messages("C0GENERAL") == []
