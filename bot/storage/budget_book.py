"""The book of budgets in Postgres: what was set, and where everybody stands."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import and_, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from agent.policy.budget import EACH, Budget, Period, Scope, Standing
from bot.budgets import BudgetLine
from bot.storage.budget_accounts import AccountKey, budget_from, open_accounts, standing_of
from bot.storage.database import Database
from bot.storage.tables import budget_accounts, budgets


class PostgresBudgetBook:
    """`bot.budgets.BudgetBook`. Every method raises StorageUnavailable."""

    def __init__(
        self, database: Database, zone: ZoneInfo, *, now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._database = database
        self._zone = zone
        self._now = now

    async def put(self, budget: Budget) -> None:
        key = {"scope": budget.scope.value, "subject": budget.subject, "period": budget.period.value}
        limits = {
            "limit_bytes": budget.limit_bytes,
            "limit_usd": budget.limit_usd,
            "on_exceeded": budget.on_exceeded.value,
            "owner": budget.owner,
            "set_at": func.now(),
        }
        kept = insert(budgets).values(**key, **limits).on_conflict_do_update(constraint="budgets_pkey", set_=limits)
        # A new limit has 80 % of its own: who was told of the old one is told of it, too.
        forget = update(budget_accounts).where(
            budget_accounts.c.scope == budget.scope.value, budget_accounts.c.period == budget.period.value
        )
        if budget.subject != EACH:
            forget = forget.where(budget_accounts.c.subject == budget.subject)
        async with self._database.transaction() as connection:
            await connection.execute(kept)
            await connection.execute(forget.values(warned_by=None))
        if budget.subject != EACH:  # so that what the period has seen already is there to be read at once
            starts_on = budget.period.start(self._now(), self._zone)
            async with self._database.transaction() as connection:
                await open_accounts(connection, [AccountKey(**key, starts_on=starts_on)], self._zone)

    async def unset(self, scope: Scope, subject: str, period: Period) -> bool:
        # The accounts stay: what was spent counts again when a budget is set again.
        named = and_(budgets.c.scope == scope.value, budgets.c.subject == subject, budgets.c.period == period.value)
        async with self._database.transaction() as connection:
            return (await connection.execute(delete(budgets).where(named))).rowcount == 1

    async def lines(self) -> Sequence[BudgetLine]:
        every = select(budgets).order_by(budgets.c.scope, budgets.c.subject, budgets.c.period)
        async with self._database.transaction() as connection:
            kept = [budget_from(row) for row in await connection.execute(every)]
            own = {(budget.scope, budget.subject, budget.period) for budget in kept}
            return [BudgetLine(budget, await self._standings(connection, budget, own)) for budget in kept]

    async def _standings(
        self, connection: AsyncConnection, budget: Budget, own: set[tuple[Scope, str, Period]]
    ) -> tuple[Standing, ...]:
        drawn = select(budget_accounts).where(
            budget_accounts.c.scope == budget.scope.value,
            budget_accounts.c.period == budget.period.value,
            budget_accounts.c.starts_on == budget.period.start(self._now(), self._zone),
        )
        if budget.subject != EACH:
            drawn = drawn.where(budget_accounts.c.subject == budget.subject)
        standings = [standing_of(budget, row, self._zone) for row in await connection.execute(drawn)]
        if budget.subject == EACH:
            standings = [s for s in standings if (budget.scope, s.subject, budget.period) not in own]
        return tuple(sorted(standings, key=lambda standing: standing.share, reverse=True))
