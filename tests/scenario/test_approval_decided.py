"""An approval through the WebSocket: three ways to decide, the process killed between the word and the run."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from tests.scenario.house import House, open_house
from tests.scenario.tripwire import Crossing

pytestmark = pytest.mark.asyncio(loop_scope="module")

ORDERS = "SELECT COUNT(*) AS orders FROM shop.orders WHERE created_at >= '2025-01-01' AND created_at < '2026-01-01'"
RUN_IT = f"Run this:\n```sql\n{ORDERS}\n```"
ANSWER = "2,442"
BUTTONS = {"approve", "cancel", "twin"}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house(
    tmp_path_factory: pytest.TempPathFactory, postgres_uri: str, googlesql_cache: Path
) -> AsyncIterator[House]:
    """Everything that costs waits for a person, and for somebody else than who asked."""
    rules = {"BIGQUERY_AUTO_EXECUTE_MAX_COST_USD": "0", "BIGQUERY_FOUR_EYES_COST_USD": "0"}
    async with open_house(tmp_path_factory.mktemp("house"), postgres_uri, googlesql_cache, **rules) as house:
        await house.start_daemon()
        yield house


def pressable(message: dict[str, Any]) -> set[str]:
    return {str(e.get("action_id")) for b in message.get("blocks") or [] for e in b.get("elements") or []}


async def asked(house: House) -> tuple[str, dict[str, Any]]:
    """A thread, and the card in it."""
    ts = await house.ask(RUN_IT)
    card = await house.until(lambda: nth(house, ts, 0, lambda message: {"approve", "cancel"} <= pressable(message)))
    # What is pressed before its turn is over waits for it, and the sign that says so is a post: traps wait for posts.
    await house.until(
        lambda: [line for line in house.daemon.named("inbox.item_finished") if line["item"].endswith(f":{ts}")]
    )
    return ts, card


def nth(house: House, thread: str, number: int, is_it: Callable[[dict[str, Any]], bool]) -> dict[str, Any] | None:
    """The bot's message of that number in the thread, once it is as wanted."""
    answers = house.workspace.answers("C0GENERAL", thread)
    return answers[number] if len(answers) > number and is_it(answers[number]) else None


async def settled(house: House, thread: str, words: str) -> dict[str, Any]:
    """The card, once it says *words* and has no buttons left."""

    def is_settled(card: dict[str, Any]) -> bool:
        return words in card["text"] and not pressable(card) & BUTTONS

    return await house.until(lambda: nth(house, thread, 0, is_settled))


async def decide(house: House, way: str, thread: str, card: str) -> None:
    match way:
        case "button":
            await house.workspace.click("U0MINSU", card, "C0GENERAL", "approve")
        case "mark":
            await house.workspace.react("U0MINSU", "C0GENERAL", card, "white_check_mark")
        case _:
            await house.ask("yes, run it", user="U0MINSU", thread=thread)


@pytest.mark.parametrize(
    ("way", "point"),
    [
        ("button", Crossing("slack chat.postMessage", "before")),
        ("mark", Crossing("bigquery insert", "before")),
        ("words", Crossing("bigquery insert", "after")),
    ],
)
async def test_a_yes_survives_a_kill_with_one_job_and_one_answer(house: House, way: str, point: Crossing):
    ts, card = await asked(house)
    jobs = len(house.billed_jobs)
    house.kill_at(point)
    await decide(house, way, ts, card["ts"])
    await house.sprung()
    await house.start_daemon()
    await settled(house, ts, "Approved by <@U0MINSU>")
    answer = await house.until(lambda: nth(house, ts, 1, lambda message: ANSWER in message["text"]))
    assert "Approved by <@U0MINSU>" in answer["text"]
    assert len(house.workspace.answers("C0GENERAL", ts)) == 2
    assert len(house.billed_jobs) == jobs + 1


async def test_who_asked_may_not_decide_here_and_two_open_cards_are_never_mixed_up(house: House):
    ts, first = await asked(house)
    await house.workspace.click("U0ANA", first["ts"], "C0GENERAL", "approve")
    await house.until(lambda: [w for w in house.workspace.whispers("U0ANA") if "somebody else" in w["text"]])
    other = ORDERS.replace("2025", "2024").replace("2026", "2025")
    await house.ask(f"Run this:\n```sql\n{other}\n```", thread=ts)
    second = await house.until(lambda: nth(house, ts, 1, lambda message: "approve" in pressable(message)))
    jobs = len(house.billed_jobs)
    await house.ask("yes, run it", user="U0MINSU", thread=ts)
    which = await house.until(lambda: nth(house, ts, 2, lambda message: "2 queries wait" in message["text"]))
    assert len(house.billed_jobs) == jobs
    values = [e["value"] for b in which["blocks"] for e in b.get("elements") or [] if e.get("action_id") == "cancel"]
    assert len(set(values)) == 2
    await house.workspace.click("U0MINSU", which["ts"], "C0GENERAL", "cancel", value=values[1])
    await house.workspace.react("U0MINSU", "C0GENERAL", first["ts"], "heavy_check_mark")
    await settled(house, ts, "Approved by <@U0MINSU>")
    denied = await house.until(lambda: nth(house, ts, 1, lambda message: "Denied by" in message["text"]))
    assert denied["ts"] == second["ts"]
    await house.until(lambda: any(ANSWER in a["text"] for a in house.workspace.answers("C0GENERAL", ts)[3:]))
    assert len(house.billed_jobs) == jobs + 1
    assert house.bigquery.jobs[house.billed_jobs[-1]].sql.count("2025-01-01") == 1


async def test_a_card_that_nobody_decides_runs_out_and_says_so(house: House):
    await house.daemon.stop()
    house.environ["BIGQUERY_APPROVAL_TTL_SECONDS"] = "3"
    await house.start_daemon()
    ts = await house.ask(RUN_IT)
    card = await settled(house, ts, "Nobody decided until")
    jobs = len(house.billed_jobs)
    await house.workspace.react("U0MINSU", "C0GENERAL", card["ts"], "white_check_mark")
    await house.until(lambda: house.workspace.whispers("U0MINSU"))
    assert len(house.billed_jobs) == jobs
