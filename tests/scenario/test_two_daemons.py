"""Two daemons, two sockets, one Postgres: they share the work as if they were one, and one may die of it."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from zoneinfo import ZoneInfo

import psycopg
import pytest
import pytest_asyncio

from agent.policy.budget import Budget, Period, Scope
from bot.storage.budget_book import PostgresBudgetBook
from bot.storage.database import open_database
from tests.scenario.house import START_SECONDS, Daemon, House, is_final, open_house

pytestmark = pytest.mark.asyncio(loop_scope="module")

ORDERS = ("How many orders were placed in 2025?", "2,442")
STATUS = ("Show me orders by status", "complete")
NEEDS_A_YES = "Top 10 products"
ONE_RUN = 10 << 20
"""Bytes: BigQuery bills ten megabytes for a small table."""
WORKERS = 2


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def pair(
    tmp_path_factory: pytest.TempPathFactory, postgres_uri: str, googlesql_cache: Path
) -> AsyncIterator[tuple[House, Daemon]]:
    """The house with its daemon, and another one. Both start at once on a database without a table."""
    rules = {"BIGQUERY_AUTO_EXECUTE_MAX_COST_USD": "0.0001", "WORKERS": str(WORKERS)}
    async with open_house(tmp_path_factory.mktemp("house"), postgres_uri, googlesql_cache, **rules) as house:
        other = Daemon({**house.environ, "STATE_DIR": str(tmp_path_factory.mktemp("other"))})
        try:
            await asyncio.gather(house.start_daemon(), other.start())
            await house.workspace.wait_for(lambda: house.workspace.sockets == 2 or None, START_SECONDS)
            yield house, other
        finally:
            await other.stop()


async def owners_at_work(postgres_uri: str, turns: int) -> int:
    """How many daemons run turns, once *turns* of them run at the same time."""
    query = "SELECT count(*), count(DISTINCT owner) FROM inbox WHERE status = 'running' AND kind = 'turn'"
    async with (
        asyncio.timeout(60),
        await psycopg.AsyncConnection.connect(postgres_uri, autocommit=True) as connection,
    ):
        while True:
            running, owners = await (await connection.execute(query)).fetchone() or (0, 0)
            if running >= turns:
                return owners
            await asyncio.sleep(0.02)


async def ended_too_early(postgres_uri: str) -> int:
    """Turns that ended before one that was spoken earlier in their conversation."""
    ended = "SELECT conversation, spoken_at, finished_at FROM inbox WHERE kind = 'turn'"
    query = f"WITH t AS ({ended}) SELECT count(*) FROM t AS a JOIN t AS b USING (conversation) "
    earlier = "WHERE a.spoken_at < b.spoken_at AND a.finished_at > b.finished_at"
    async with await psycopg.AsyncConnection.connect(postgres_uri, autocommit=True) as connection:
        [early] = await (await connection.execute(query + earlier)).fetchone() or (None,)
    return int(early)


async def answers_of(house: House, thread: str, number: int) -> list[str]:
    """*number* final answers, once a place in line that one daemon showed beside the other's reply is taken back."""

    def final() -> list[str] | None:
        found = house.workspace.answers("C0GENERAL", thread)
        return [m["text"] for m in found] if len(found) == number and all(map(is_final, found)) else None

    texts: list[str] = await house.until(final)
    return texts


async def test_they_share_the_questions_and_each_thread_is_answered_in_order(
    pair: tuple[House, Daemon], postgres_uri: str
):
    house, _ = pair
    jobs = len(house.billed_jobs)
    house.bigquery.delay_seconds = 2.5
    threads = [await house.ask(ORDERS[0]) for _ in range(2 * WORKERS)]
    for thread in threads:
        await house.ask(STATUS[0], thread=thread)
    assert await owners_at_work(postgres_uri, 2 * WORKERS) == 2
    house.bigquery.delay_seconds = 0.0
    await owners_idle(postgres_uri)
    for thread in threads:
        # The second's place in line may stand above the first's reply: one daemon showed it while the other began.
        told = await answers_of(house, thread, 2)
        assert any(ORDERS[1] in text for text in told)
        assert any(STATUS[1] in text.lower() for text in told)
    assert await ended_too_early(postgres_uri) == 0
    assert len(house.billed_jobs) == jobs + 2 * len(threads)


async def test_two_who_approve_at_once_let_it_run_once(pair: tuple[House, Daemon], postgres_uri: str):
    house, _ = pair
    await owners_idle(postgres_uri)
    jobs = len(house.billed_jobs)
    thread = await house.ask(NEEDS_A_YES)
    [card] = await house.answered(thread)
    await asyncio.gather(
        *(house.workspace.click(user, card["ts"], "C0GENERAL", "approve") for user in ("U0MINSU", "U0AOI"))
    )
    await house.until(lambda: len(house.workspace.answers("C0GENERAL", thread)) == 2)
    await house.answered(thread)
    await owners_idle(postgres_uri)
    assert len(house.workspace.answers("C0GENERAL", thread)) == 2
    assert len(house.billed_jobs) == jobs + 1


async def owners_idle(postgres_uri: str) -> None:
    """Nothing waits and nothing runs any more."""
    query = "SELECT count(*) FROM inbox WHERE status IN ('queued', 'running')"
    async with (
        asyncio.timeout(60),
        await psycopg.AsyncConnection.connect(postgres_uri, autocommit=True) as connection,
    ):
        while await (await connection.execute(query)).fetchone() != (0,):  # noqa: ASYNC110 (other processes)
            await asyncio.sleep(0.05)


async def test_a_budget_for_three_lets_three_run_whoever_runs_them(pair: tuple[House, Daemon], postgres_uri: str):
    house, _ = pair
    async with open_database(postgres_uri) as database:
        await PostgresBudgetBook(database, ZoneInfo("UTC")).put(
            Budget(Scope.USER, "U0MINSU", Period.DAY, 3 * ONE_RUN, None)
        )
    jobs, billed = len(house.billed_jobs), house.billed_bytes
    threads = [await house.ask(ORDERS[0], user="U0MINSU", channel="C0SALES") for _ in range(6)]
    answers = [(await house.answered(thread, "C0SALES"))[-1]["text"] for thread in threads]
    assert len(house.billed_jobs) == jobs + 3
    assert house.billed_bytes == billed + 3 * ONE_RUN
    assert sum(ORDERS[1] in answer for answer in answers) == 3


async def test_what_one_was_at_when_it_was_killed_the_other_finishes_once(
    pair: tuple[House, Daemon], postgres_uri: str
):
    house, _ = pair
    jobs = len(house.billed_jobs)
    house.bigquery.delay_seconds = 8.0  # the slowest machine starts all of them in that time
    threads = [await house.ask(ORDERS[0]) for _ in range(2 * WORKERS)]
    await house.until(lambda: len(house.billed_jobs) == jobs + len(threads))  # half of them are the victim's
    assert await owners_at_work(postgres_uri, 2 * WORKERS) == 2
    house.daemon.kill()
    house.bigquery.delay_seconds = 0.0
    for thread in threads:
        [answer] = await answers_of(house, thread, 1)
        assert ORDERS[1] in answer
    assert len(house.billed_jobs) == jobs + len(threads)
    assert house.workspace.sockets == 1
