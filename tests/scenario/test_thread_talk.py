"""Threads that the bot has joined: answered without a mention what is for it, silent on talk between people."""

import pytest

from tests.scenario.house import House

pytestmark = pytest.mark.asyncio(loop_scope="module")

QUESTION, ANSWER = "How many orders were placed in 2025?", "2,442"


async def post(house: House, user: str, text: str, thread: str) -> str:
    """Say *text* in the thread to nobody in particular."""
    return await house.workspace.post(user, "C0GENERAL", text, thread)


async def finished(house: House, ts: str) -> None:
    def of_post() -> list[dict]:
        named = house.daemon.named("inbox.item_finished")
        return [line for line in named if f"C0GENERAL:{ts}" in str(line.get("item"))]

    await house.until(of_post)


def texts(house: House, thread: str) -> list[str]:
    return [message["text"] for message in house.workspace.answers("C0GENERAL", thread)]


def schemas_since(house: House, count: int) -> list[str | None]:
    return [request.schema_name for request in house.model.requests[count:]]


async def test_talk_between_people_is_met_with_silence_and_a_question_with_an_answer(house: House):
    thread = await house.ask(QUESTION)
    await house.answered(thread)
    before = len(house.model.requests)
    await finished(house, await post(house, "U0MINSU", "Thanks Ana, lunch at noon then", thread))
    assert schemas_since(house, before) == ["classify_relevance"]
    assert len(texts(house, thread)) == 1

    await post(house, "U0MINSU", QUESTION, thread)
    answers = await house.until(lambda: a if len(a := texts(house, thread)) == 2 and ANSWER in a[1] else None)
    assert ANSWER in answers[1]
    prompts = "\n".join(str(request.messages) for request in house.model.requests[before + 1 :])
    assert "lunch at noon" not in prompts


async def test_in_a_thread_without_us_nobody_is_overheard(house: House):
    before = len(house.model.requests)
    root = await house.workspace.post("U0ANA", "C0GENERAL", "team, a word", None)
    await finished(house, await post(house, "U0MINSU", QUESTION, root))
    assert texts(house, root) == []
    assert schemas_since(house, before) == []


async def test_start_over_forgets_what_was_asked(house: House):
    thread = await house.ask(QUESTION)
    await house.answered(thread)
    await finished(house, await house.ask("start over", thread=thread))
    assert "We start over" in texts(house, thread)[1]
    before = len(house.model.requests)
    await finished(house, await house.ask("Run that again.", thread=thread))
    assert ANSWER not in texts(house, thread)[2]
    assert QUESTION not in str([request.messages for request in house.model.requests[before:]])


async def test_the_model_endpoint_never_sees_a_customers_address(house: House):
    sql = "SELECT COUNT(*) AS n FROM shop.users WHERE state != 'jane.doe@corp.example'"
    thread = await house.ask(f"Run this: ```{sql}```")
    (answer,) = await house.answered(thread)
    assert "shop.users" in answer["text"]
    await finished(house, await house.ask("Run that again for jane.doe@corp.example.", thread=thread))
    sent = str([request.messages for request in house.model.requests])
    assert "jane.doe" not in sent
    assert "<EMAIL_1>" in sent
