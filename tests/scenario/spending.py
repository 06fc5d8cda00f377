"""A day's spending in the whole house, with kill -9 in between: what three books say of it afterwards."""

import asyncio
import random
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import text

from agent.bigquery.client import BigQueryWarehouse
from agent.bigquery.pricing import OnDemandPrice
from agent.cashier import Cashier
from agent.policy.budget import Budget, OnExceeded, Period, Scope
from bot.storage.audit import PostgresAudit
from bot.storage.budget_book import PostgresBudgetBook
from bot.storage.budgets import PostgresBudgets
from bot.storage.database import Database, open_database
from tests.scenario.house import House
from tests.scenario.tripwire import Crossing

ZONE: Final = ZoneInfo("Asia/Seoul")
SETTINGS: Final = {
    "OPENAI_USD_PER_MILLION_INPUT_TOKENS": "0.25",
    "OPENAI_USD_PER_MILLION_OUTPUT_TOKENS": "2",
    "BIGQUERY_AUTO_EXECUTE_MAX_COST_USD": "0.0001",  # a query of one table runs, of two it waits for a yes
    "BUDGET_TIME_ZONE": ZONE.key,
}
USERS: Final = ("U0ANA", "U0MINSU", "U0AOI")
CHANNELS: Final = ("C0GENERAL", "C0SALES")
ASKED: Final = (
    "How many orders were placed in 2025?",
    "Show me orders by status",
    "2025년에 주문이 몇 건 있었나요?",
    "Top 10 products",
    "Which tables are there?",
    "hello",
    "Explain: ```SELECT COUNT(*) FROM shop.users```",
    "Run ```SELECT COUNT(*) FROM shop.products```",
    "Run ```SELECT * FROM hr.salaries```",
)
NEEDS_A_YES: Final = "Top 10 products"
TRAPS: Final = (
    Crossing("bigquery dry_run", "after"),
    Crossing("bigquery insert", "before"),
    Crossing("bigquery insert", "after"),
    Crossing("bigquery results", "after"),
    Crossing("model plan_turn_action", "after"),
    Crossing("slack chat.update", "after"),
)


@dataclass(frozen=True)
class Books:
    """Afterwards. Bytes, and dollars in the database's own exact numbers."""

    turns: int
    kills: int
    bigquery: dict[str, int]
    """Bytes billed by job id, as the warehouse itself counts them."""
    audit: dict[str, int]
    """The same by the audit's job rows."""
    job_rows: int
    accounts: dict[str, tuple[int, Decimal]]
    """What the budgets say was spent: by `scope:subject`."""
    audited: dict[str, tuple[int, Decimal]]
    """The same, added up from the audit."""
    reserved: int
    """Bytes and nano-dollars that are still held."""
    decisions: dict[str, int]
    model_calls: int
    blocked_by_budget: int

    def differences(self) -> list[str]:
        """Where the books disagree; nothing, if all is well."""
        found = [
            f"{job}: {self.bigquery.get(job)} billed, {self.audit.get(job)} in the audit"
            for job in self.bigquery.keys() | self.audit.keys()
            if self.bigquery.get(job) != self.audit.get(job)
        ]
        found += [
            f"{who}: {spent} by its budget, {self.audited.get(who)} by the audit"
            for who, spent in self.accounts.items()
            if spent != self.audited.get(who)
        ]
        if self.job_rows != len(self.audit):
            found.append(f"{self.job_rows} rows of {len(self.audit)} jobs in the audit")
        if missing := {"user", "channel", "workspace"} - {who.split(":")[0] for who in self.accounts}:
            found.append(f"no budget of {missing} was drawn on")
        if self.reserved:
            found.append(f"{self.reserved} still held")
        return found


async def spend(
    house: House, database_url: str, *, turns: int, kills: int, seed: int, patience_seconds: float = 240
) -> Books:
    """Post *turns* messages of several people in *kills* + 1 batches; the daemon dies once in each but the last."""
    dice = random.Random(seed)
    async with open_database(database_url) as database:
        await _set_budgets(PostgresBudgetBook(database, ZONE))
        waiting: list[tuple[str, str, str]] = []
        posted = 0
        for batch in range(kills + 1):
            is_last = batch == kills
            if not is_last:
                house.kill_at(dice.choice(TRAPS), nth=dice.randint(1, 2))
            approved, waiting = waiting, []
            for user, channel, ts in approved:
                posted += await _post(house, user, channel, "yes", ts)
            for _ in range((turns - posted) if is_last else turns // (kills + 1) - len(approved)):
                user, channel, words = dice.choice(USERS), dice.choice(CHANNELS), dice.choice(ASKED)
                ts = await house.ask(words, user=user, channel=channel)
                posted += 1
                if words == NEEDS_A_YES:
                    waiting.append((user, channel, ts))
                elif dice.random() < 0.1:
                    await house.workspace.post(user, channel, "stop", ts)
            if not is_last:
                await house.sprung()
                await house.start_daemon()
        await _until_idle(database, posted, patience_seconds)
        await _collect(house, database)
        return await _read(house, database, posted, kills)


async def _post(house: House, user: str, channel: str, words: str, thread: str) -> int:
    await house.ask(words, user=user, channel=channel, thread=thread)
    return 1


async def _set_budgets(book: PostgresBudgetBook) -> None:
    """One that runs out, one that nobody notices for each person and channel, one of all dollars."""
    tight, wide = 30 * 2**20, 10**13
    await book.put(Budget(Scope.USER, "U0MINSU", Period.DAY, tight, None))
    await book.put(Budget(Scope.USER, "*", Period.DAY, wide, Decimal(100)))
    await book.put(Budget(Scope.CHANNEL, "*", Period.MONTH, wide, Decimal(100), OnExceeded.APPROVAL))
    await book.put(Budget(Scope.WORKSPACE, "*", Period.MONTH, None, Decimal(100)))


async def _until_idle(database: Database, posted: int, seconds: float) -> None:
    """Every message is an item, and no item waits any more."""
    wanted = text(
        "SELECT count(*) FILTER (WHERE kind = 'turn') AS turns,"
        " count(*) FILTER (WHERE status IN ('queued', 'running')) AS unfinished FROM inbox"
    )
    async with asyncio.timeout(seconds):
        while True:
            async with database.transaction() as connection:
                inbox = (await connection.execute(wanted)).one()
            if inbox.turns >= posted and inbox.unfinished == 0:
                return
            await asyncio.sleep(0.1)


async def _collect(house: House, database: Database) -> None:
    """As the daemon does every minute, but at once: of turns that were stopped, or given up."""
    credentials = Path(house.environ["GOOGLE_APPLICATION_CREDENTIALS"])
    async with AsyncExitStack() as stack:
        warehouse = await stack.enter_async_context(
            BigQueryWarehouse.open("demo-proj", "US", api_endpoint=house.bigquery.url, credentials_path=credentials)
        )
        cashier = Cashier(
            budgets=PostgresBudgets(database, ZONE),
            audit=PostgresAudit(database),
            warehouse=warehouse,
            price=OnDemandPrice(),
            max_bytes_billed=1,
            policy_version=str,
            model="",
            now=lambda: datetime.now(UTC),
        )
        await cashier.collect_all(timedelta(0))


async def _read(house: House, database: Database, posted: int, kills: int) -> Books:
    async def rows(sql: str) -> Sequence[Any]:
        async with database.transaction() as connection:
            return (await connection.execute(text(sql))).all()

    jobs = await rows("SELECT job_id, bytes_billed FROM audit WHERE kind = 'job'")
    accounts = await rows(
        "SELECT scope || ':' || subject AS who, sum(spent_bytes) AS bytes, sum(spent_usd) AS usd"
        " FROM budget_accounts GROUP BY 1"
    )
    audited = await rows(
        "SELECT who, sum(coalesce(bytes_billed, 0)) AS bytes, sum(coalesce(cost_usd, 0)) AS usd FROM audit,"
        " LATERAL (VALUES ('user:' || asker), ('channel:' || channel), ('workspace:' || team)) AS payer(who)"
        " WHERE kind <> 'decision' GROUP BY 1"
    )
    ((reserved,),) = await rows("SELECT sum(reserved_bytes) + sum(reserved_usd) * 1000000000 FROM budget_accounts")
    decisions = await rows("SELECT decision, count(*) AS n FROM audit WHERE kind = 'decision' GROUP BY 1")
    ((calls, blocked),) = await rows(
        "SELECT count(*) FILTER (WHERE kind = 'model'), count(*) FILTER (WHERE reasons LIKE '%deny.budget%') FROM audit"
    )
    return Books(
        turns=posted,
        kills=kills,
        bigquery={job.id: job.bytes_billed for job in house.bigquery.jobs.values()},
        audit={row.job_id: row.bytes_billed for row in jobs},
        job_rows=len(jobs),
        accounts={row.who: (int(row.bytes), row.usd) for row in accounts},
        audited={row.who: (int(row.bytes), row.usd) for row in audited},
        reserved=int(reserved),
        decisions={row.decision: row.n for row in decisions},
        model_calls=calls,
        blocked_by_budget=blocked,
    )
