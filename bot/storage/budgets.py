"""Budgets in Postgres: held before a job under the accounts' locks, settled to the bill together with the audit row.

Order of locks in every transaction: the opening lock (shared), the reservation's row, the accounts in their order.
"""

from collections.abc import AsyncGenerator, Collection, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Row, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from agent.audit import AuditEntry
from agent.policy.budget import Budget, Standing
from agent.spend import NOTHING, Amount, Payers
from bot.storage.audit import insert_entry
from bot.storage.budget_accounts import (
    AccountKey,
    book,
    budget_of_account,
    budgets_of,
    is_one_of,
    keep_openings_out,
    open_accounts,
    read_accounts,
    standing_of,
    unopened,
)
from bot.storage.database import Database
from bot.storage.reservations import (
    accounts_holding,
    are_taken,
    entry_of,
    hold,
    locked,
    mark,
    place,
    touch,
    untouched,
)
from bot.storage.tables import budget_accounts


class PostgresBudgets:
    """`agent.policy.budgets.Budgets`. Every method raises StorageUnavailable."""

    def __init__(self, database: Database, zone: ZoneInfo) -> None:
        """Days and months begin in *zone*."""
        self._database = database
        self._zone = zone

    async def standings(self, payers: Payers, at: datetime) -> tuple[Standing, ...]:
        """`bot.budgets.Purse`."""
        paying = await self._accounts(payers, at)
        async with self._database.transaction() as connection:
            return tuple(self._standings(paying, await read_accounts(connection, paying.keys())))

    async def exceeded(
        self, payers: Payers, at: datetime, need: Amount, *, jobs: Collection[str] = ()
    ) -> tuple[Standing, ...]:
        paying = await self._accounts(payers, at)
        if not paying:
            return ()
        async with self._database.transaction() as connection:
            if await are_taken(connection, jobs):
                return ()
            standings = self._standings(paying, await read_accounts(connection, paying.keys()))
        return tuple(standing for standing in standings if not standing.allows(need))

    async def reserve(self, job: AuditEntry, need: Amount, *, lifted: Collection[str] = ()) -> tuple[Standing, ...]:
        assert job.job_id is not None, "a reservation belongs to a job"
        async with self._booking(job.payers, job.at) as (connection, paying):
            state = await place(connection, job, need)
            if state != "returned":
                await touch(connection, job.job_id)
                return ()
            accounts = await read_accounts(connection, paying.keys(), lock=True)
            standings = self._standings(paying, accounts)
            exceeded = tuple(s for s in standings if s.name not in lifted and not s.allows(need))
            if not exceeded:
                await hold(connection, job, need, accounts.keys())
                await book(connection, accounts.keys(), reserved=need)
        return exceeded

    async def settle(self, job_id: str, billed: Amount, *, outcome: str, turn_id: str | None = None) -> bool:
        async with self._database.transaction() as connection:
            await keep_openings_out(connection)
            row = await locked(connection, job_id)
            if row is None:
                raise LookupError(f"nothing was ever held for {job_id}")
            if row.state == "settled":
                return False
            await self._free(connection, row, spent=billed)
            await mark(connection, job_id, "settled")
            entry = replace(entry_of(row), bytes_billed=billed.bytes, cost_usd=billed.usd, outcome=outcome)
            await insert_entry(connection, entry)
            if turn_id is not None:
                await self._warn(connection, entry.payers, entry.at, turn_id)
        return True

    async def release(self, job_id: str) -> None:
        async with self._database.transaction() as connection:
            await keep_openings_out(connection)
            row = await locked(connection, job_id)
            if row is not None and row.state == "held":
                await self._free(connection, row)
                await mark(connection, job_id, "returned")

    async def charge(self, entry: AuditEntry) -> None:
        async with self._booking(entry.payers, entry.at) as (connection, paying):
            if await insert_entry(connection, entry):
                await read_accounts(connection, paying.keys(), lock=True)
                await book(
                    connection, paying.keys(), spent=Amount(entry.bytes_billed or 0, entry.cost_usd or NOTHING.usd)
                )
                await self._warn(connection, entry.payers, entry.at, entry.turn_id)

    async def warnings(self, turn_id: str) -> tuple[Standing, ...]:
        warned = select(budget_accounts).where(budget_accounts.c.warned_by == turn_id)
        standings: list[Standing] = []
        async with self._database.transaction() as connection:
            for account in (await connection.execute(warned)).all():
                if (budget := await budget_of_account(connection, account)) is not None:
                    standings.append(standing_of(budget, account, self._zone))
        return tuple(standings)

    async def unsettled(self, untouched_for: timedelta) -> tuple[str, ...]:
        async with self._database.transaction() as connection:
            return await untouched(connection, untouched_for)

    @asynccontextmanager
    async def _booking(
        self, payers: Payers, at: datetime
    ) -> AsyncGenerator[tuple[AsyncConnection, Mapping[AccountKey, Budget]]]:
        """A transaction that holds or books for *payers*, and the accounts that it draws on, every one open.

        They are looked up behind the opening lock. A budget that is set between a look before it and the transaction
        would have its account opened without this job, and the job would draw on the others only: missing for good.
        """
        while True:
            await self._accounts(payers, at)
            async with self._database.transaction() as connection:
                await keep_openings_out(connection)
                paying = await budgets_of(connection, payers, at, self._zone)
                if not await unopened(connection, paying.keys()):
                    yield connection, paying
                    return

    async def _accounts(self, payers: Payers, at: datetime) -> Mapping[AccountKey, Budget]:
        """What *payers* draw on, every account open."""
        async with self._database.transaction() as connection:
            paying = await budgets_of(connection, payers, at, self._zone)
            missing = await unopened(connection, paying.keys())
        if missing:
            async with self._database.transaction() as connection:
                await open_accounts(connection, missing, self._zone)
        return paying

    async def _free(self, connection: AsyncConnection, row: Row[Any], *, spent: Amount = NOTHING) -> None:
        """Book *spent* where the reservation of *row* is held, and return what is."""
        keys = await accounts_holding(connection, row.job_id)
        await read_accounts(connection, keys, lock=True)
        held = Amount(row.bytes, row.usd) if row.state == "held" else NOTHING
        await book(connection, keys, spent=spent, reserved=NOTHING - held)

    async def _warn(self, connection: AsyncConnection, payers: Payers, at: datetime, turn_id: str) -> None:
        """Leave a note for *turn_id* at every account that came near its limit: the first one only."""
        paying = await budgets_of(connection, payers, at, self._zone)
        accounts = await read_accounts(connection, paying.keys())
        near = [
            key
            for key, account in accounts.items()
            if account.warned_by is None and standing_of(paying[key], account, self._zone).is_nearly_spent()
        ]
        if near:
            await connection.execute(update(budget_accounts).where(is_one_of(near)).values(warned_by=turn_id))

    def _standings(
        self, paying: Mapping[AccountKey, Budget], accounts: Mapping[AccountKey, Row[Any]]
    ) -> Iterable[Standing]:
        return [standing_of(paying[key], account, self._zone) for key, account in accounts.items()]
