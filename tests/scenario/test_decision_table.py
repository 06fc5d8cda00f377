"""Every row of policy's decision table through the WebSocket: what each statement hears, and what it costs."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import pytest_asyncio

from agent.policy.budget import Budget, OnExceeded, Period, Scope
from bot.storage.budget_book import PostgresBudgetBook
from bot.storage.database import open_database
from tests.scenario.house import House, open_house

pytestmark = pytest.mark.asyncio(loop_scope="module")

ONE_TABLE = "SELECT COUNT(*) AS orders FROM shop.orders WHERE created_at >= '2025-01-01' AND created_at < '2026-01-01'"
TWO_TABLES = "SELECT COUNT(*) AS n FROM shop.orders AS o JOIN shop.users AS u ON u.id = o.user_id"
THREE_TABLES = TWO_TABLES + " JOIN shop.order_items AS i ON i.order_id = o.order_id"
CROSS_JOIN = "SELECT COUNT(*) AS n FROM shop.products AS a CROSS JOIN shop.products AS b"
SETTINGS = {
    "BIGQUERY_MAX_BYTES_BILLED": str(25 * 2**20),  # each table is billed 10 MiB at least
    "BIGQUERY_AUTO_EXECUTE_MAX_COST_USD": "0.0001",  # one table costs less, two cost more
}
DEAR = "runs without asking"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house(
    tmp_path_factory: pytest.TempPathFactory, postgres_uri: str, googlesql_cache: Path
) -> AsyncIterator[House]:
    async with open_house(tmp_path_factory.mktemp("house"), postgres_uri, googlesql_cache, **SETTINGS) as house:
        await house.start_daemon()
        yield house


async def asked(house: House, sql: str, user: str = "U0ANA") -> tuple[str, dict[str, Any]]:
    """A thread, and what stands in it."""
    thread = await house.ask(f"Run this:\n```sql\n{sql}\n```", user=user)
    (answer,) = await house.answered(thread)
    return thread, answer


def is_card(message: dict[str, Any]) -> bool:
    return "approve" in {e.get("action_id") for b in message.get("blocks") or [] for e in b.get("elements") or []}


async def said(house: House, thread: str, number: int, words: str) -> dict[str, Any]:
    """The bot's message of that number in the thread, once it says *words*."""

    def look() -> dict[str, Any] | None:
        answers = house.workspace.answers("C0GENERAL", thread)
        return answers[number] if len(answers) > number and words in answers[number]["text"] else None

    return await house.until(look)


@pytest.mark.parametrize(
    ("sql", "words"),
    [
        ("DELETE FROM shop.orders WHERE TRUE", "I only read data"),
        ("SELECT 1; SELECT 2", "Only a single SELECT is run"),
        ("SELECT nope FROM shop.orders", "nope"),
        (THREE_TABLES, "the most that is allowed is"),
        ("SELECT * FROM hr.salaries", "outside of what I may read"),
    ],
)
async def test_what_may_not_run_says_why_and_nobody_is_asked(house: House, sql: str, words: str):
    jobs = len(house.billed_jobs)
    _, answer = await asked(house, sql)
    assert words in answer["text"]
    assert not is_card(answer)
    assert len(house.billed_jobs) == jobs


async def test_what_is_cheap_runs_and_what_is_dear_or_odd_waits(house: House):
    jobs = len(house.billed_jobs)
    _, cheap = await asked(house, ONE_TABLE)
    assert "2,442" in cheap["text"]
    assert len(house.billed_jobs) == jobs + 1
    for sql, words in ((TWO_TABLES, DEAR), (CROSS_JOIN, "joined with nothing that ties them")):
        _, card = await asked(house, sql)
        assert words in card["text"]
        assert is_card(card)
    house.bigquery.be_accurate("LOWER_BOUND")
    _, card = await asked(house, ONE_TABLE)
    house.bigquery.be_accurate("PRECISE")
    assert "cannot say beforehand what this costs" in card["text"]
    assert is_card(card)
    assert len(house.billed_jobs) == jobs + 1


async def test_a_budget_without_room_blocks_and_every_reason_is_told(house: House, postgres_uri: str):
    jobs = len(house.billed_jobs)
    async with open_database(postgres_uri) as database:
        book = PostgresBudgetBook(database, ZoneInfo("UTC"))
        await book.put(Budget(Scope.USER, "U0AOI", Period.DAY, 1, None))
        _, answer = await asked(house, TWO_TABLES, user="U0AOI")
        await book.unset(Scope.USER, "U0AOI", Period.DAY)
    assert "user:U0AOI:day" in answer["text"]
    assert DEAR in answer["text"]
    assert not is_card(answer)
    assert len(house.billed_jobs) == jobs


@pytest.mark.parametrize("way", ["button", "mark", "words"])
async def test_a_no_runs_nothing_whichever_way_it_is_said(house: House, way: str):
    jobs = len(house.billed_jobs)
    thread, card = await asked(house, TWO_TABLES)
    match way:
        case "button":
            await house.workspace.click("U0MINSU", card["ts"], "C0GENERAL", "cancel")
        case "mark":
            await house.workspace.react("U0MINSU", "C0GENERAL", card["ts"], "x")
        case _:
            await house.ask("no, cancel it", user="U0MINSU", thread=thread)
    await said(house, thread, 0, "Denied by <@U0MINSU>")
    await said(house, thread, 1, "Cancelled by <@U0MINSU>")
    assert len(house.billed_jobs) == jobs


async def test_a_budget_that_runs_out_between_the_yes_and_the_run_asks_its_owner_anew(house: House, postgres_uri: str):
    jobs = len(house.billed_jobs)
    thread, card = await asked(house, TWO_TABLES)
    async with open_database(postgres_uri) as database:
        book = PostgresBudgetBook(database, ZoneInfo("UTC"))
        await book.put(Budget(Scope.USER, "U0ANA", Period.DAY, 1, None, OnExceeded.APPROVAL, owner="U0AOI"))
        await house.workspace.click("U0MINSU", card["ts"], "C0GENERAL", "approve")
        await said(house, thread, 0, "Approved by <@U0MINSU>")
        anew = await said(house, thread, 1, "user:U0ANA:day")
        assert is_card(anew)
        assert len(house.billed_jobs) == jobs
        await house.workspace.click("U0MINSU", anew["ts"], "C0GENERAL", "approve")
        await house.until(lambda: [w for w in house.workspace.whispers("U0MINSU") if "may not decide" in str(w)])
        await house.workspace.react("U0AOI", "C0GENERAL", anew["ts"], "white_check_mark")
        await said(house, thread, 2, "Approved by <@U0AOI>")
        await book.unset(Scope.USER, "U0ANA", Period.DAY)
    assert len(house.billed_jobs) == jobs + 1


async def test_who_is_to_decide_is_told_of_a_card_that_they_cannot_see(house: House, postgres_uri: str):
    async with open_database(postgres_uri) as database:
        book = PostgresBudgetBook(database, ZoneInfo("UTC"))
        await book.put(Budget(Scope.USER, "U0ANA", Period.DAY, 1, None, OnExceeded.APPROVAL, owner="U0AOI"))
        await house.workspace.post("U0ANA", "D0ANA", f"Run this:\n```sql\n{ONE_TABLE}\n```")
        (call,) = await house.until(lambda: house.workspace.messages("D0AOI"))
        await book.unset(Scope.USER, "U0ANA", Period.DAY)
    assert "<@U0ANA>" in call["text"]
    assert "ホーム" in call["text"]
    (card,) = [message for message in house.workspace.messages("D0ANA") if is_card(message)]
    assert "<@U0AOI>" in card["text"]
