"""Accounts: what one payer has spent of one budget in one period. An account's row is its lock.

They are opened when first needed. One that is opened late (a budget set at noon, a new day with jobs still running)
starts with what the audit and the reservations hold for it already, so budgets and audit always tell the same.
"""

from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime, time
from typing import Any, Final, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import (
    ColumnElement,
    Row,
    Select,
    Table,
    and_,
    any_,
    false,
    func,
    literal,
    or_,
    select,
    tuple_,
    update,
)
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from agent.policy.budget import EACH, Budget, OnExceeded, Period, Scope, Standing, resets_text
from agent.spend import NOTHING, Amount, Payers
from bot.storage.tables import audit, budget_accounts, budgets, reservation_accounts, reservations

_OPENING: Final = 0x6275_6467_6574_7321
"""`budgets!` in ASCII: opening an account excludes whatever books or holds, which exclude each other by the rows.
Without it a bill that commits while an account's first sum is taken would be in neither."""


class AccountKey(NamedTuple):
    scope: str
    subject: str
    period: str
    starts_on: date


_KEY: Final = tuple_(
    budget_accounts.c.scope, budget_accounts.c.subject, budget_accounts.c.period, budget_accounts.c.starts_on
)


async def keep_openings_out(connection: AsyncConnection) -> None:
    """First in every transaction that books or holds: until it ends, no account is opened."""
    await connection.execute(select(func.pg_advisory_xact_lock_shared(_OPENING)))


async def budgets_of(
    connection: AsyncConnection, payers: Payers, at: datetime, zone: ZoneInfo
) -> Mapping[AccountKey, Budget]:
    """The budgets that *payers* draw on at that moment, by their accounts. A budget of one's own goes before EACH."""
    paying = {
        Scope.USER: {payers.user},
        Scope.CHANNEL: {payers.channel},
        Scope.GROUP: payers.groups,
        Scope.WORKSPACE: {payers.team},
    }
    mine = or_(*(_is_for(scope, subjects) for scope, subjects in paying.items()))
    found = [budget_from(row) for row in await connection.execute(select(budgets).where(mine))]
    chosen: dict[AccountKey, Budget] = {}
    for budget in sorted(found, key=lambda budget: budget.subject != EACH):  # EACH first: one's own replaces it
        subjects = paying[budget.scope] if budget.subject == EACH else {budget.subject}
        starts_on = budget.period.start(at, zone)
        for subject in subjects:
            chosen[AccountKey(budget.scope.value, subject, budget.period.value, starts_on)] = budget
    return chosen


def _is_for(scope: Scope, subjects: Collection[str]) -> ColumnElement[bool]:
    named = budgets.c.subject.in_([*subjects, EACH] if scope is not Scope.GROUP else subjects)
    return and_(budgets.c.scope == scope.value, named) if subjects else false()


async def unopened(connection: AsyncConnection, keys: Iterable[AccountKey]) -> list[AccountKey]:
    wanted = set(keys)
    rows = await read_accounts(connection, wanted)
    return sorted(wanted - rows.keys())


async def open_accounts(connection: AsyncConnection, keys: Iterable[AccountKey], zone: ZoneInfo) -> None:
    """In a transaction of its own, for it waits until nobody books or holds."""
    await connection.execute(select(func.pg_advisory_xact_lock(_OPENING)))
    for key in sorted(keys):
        spent = _sums(audit, audit.c.bytes_billed, audit.c.cost_usd, key, zone).where(audit.c.kind != "decision")
        held = _sums(reservations, reservations.c.bytes, reservations.c.usd, key, zone)
        held = held.where(reservations.c.state == "held")
        spent_bytes, spent_usd = (await connection.execute(spent)).one()
        held_bytes, held_usd = (await connection.execute(held)).one()
        opened = insert(budget_accounts).values(
            **key._asdict(),
            spent_bytes=spent_bytes,
            spent_usd=spent_usd,
            reserved_bytes=held_bytes,
            reserved_usd=held_usd,
        )
        opened = opened.on_conflict_do_nothing().returning(budget_accounts.c.subject)
        if (await connection.execute(opened)).scalar_one_or_none() is not None:
            await _hold_what_runs(connection, key, zone)


async def _hold_what_runs(connection: AsyncConnection, key: AccountKey, zone: ZoneInfo) -> None:
    columns = [literal(value) for value in key]
    running = select(reservations.c.job_id, *columns).where(
        _is_of(reservations, key, zone), reservations.c.state != "settled"
    )
    await connection.execute(
        insert(reservation_accounts).from_select(["job_id", *AccountKey._fields], running).on_conflict_do_nothing()
    )


async def read_accounts(
    connection: AsyncConnection, keys: Collection[AccountKey], *, lock: bool = False
) -> dict[AccountKey, Row[Any]]:
    """Locked in one order by everybody, so that two who share several accounts never wait for each other in a ring."""
    if not keys:
        return {}
    wanted = select(budget_accounts).where(_KEY.in_(list(keys))).order_by(*_KEY.clauses)
    if lock:
        wanted = wanted.with_for_update()
    rows = (await connection.execute(wanted)).all()
    return {AccountKey(row.scope, row.subject, row.period, row.starts_on): row for row in rows}


def is_one_of(keys: Collection[AccountKey]) -> ColumnElement[bool]:
    return _KEY.in_(list(keys)) if keys else false()


async def book(
    connection: AsyncConnection, keys: Collection[AccountKey], *, spent: Amount = NOTHING, reserved: Amount = NOTHING
) -> None:
    """Add to the accounts of *keys*, which the caller has locked; *reserved* may be less than nothing."""
    changed = (
        update(budget_accounts)
        .where(is_one_of(keys))
        .values(
            spent_bytes=budget_accounts.c.spent_bytes + spent.bytes,
            spent_usd=budget_accounts.c.spent_usd + spent.usd,
            reserved_bytes=budget_accounts.c.reserved_bytes + reserved.bytes,
            reserved_usd=budget_accounts.c.reserved_usd + reserved.usd,
        )
    )
    await connection.execute(changed)


async def budget_of_account(connection: AsyncConnection, account: Row[Any]) -> Budget | None:
    """The budget that *account* draws on now; None when it was taken away."""
    named = and_(
        budgets.c.scope == account.scope,
        budgets.c.period == account.period,
        budgets.c.subject.in_([account.subject, EACH]),
    )
    rows = (await connection.execute(select(budgets).where(named))).all()
    own = [row for row in rows if row.subject == account.subject]
    return next((budget_from(row) for row in [*own, *rows]), None)


def standing_of(budget: Budget, account: Row[Any], zone: ZoneInfo) -> Standing:
    return Standing(
        budget=budget,
        subject=account.subject,
        spent=Amount(account.spent_bytes, account.spent_usd),
        reserved=Amount(account.reserved_bytes, account.reserved_usd),
        resets=resets_text(Period(account.period), account.starts_on, zone),
    )


def budget_from(row: Row[Any]) -> Budget:
    return Budget(
        scope=Scope(row.scope),
        subject=row.subject,
        period=Period(row.period),
        limit_bytes=row.limit_bytes,
        limit_usd=row.limit_usd,
        on_exceeded=OnExceeded(row.on_exceeded),
        owner=row.owner,
    )


def _sums(
    table: Table, bytes_: ColumnElement[int], usd: ColumnElement[Any], key: AccountKey, zone: ZoneInfo
) -> Select[int, Any]:
    return select(func.coalesce(func.sum(bytes_), 0), func.coalesce(func.sum(usd), 0)).where(_is_of(table, key, zone))


def _is_of(table: Table, key: AccountKey, zone: ZoneInfo) -> ColumnElement[bool]:
    """Rows of *table* (the audit, the reservations) that the account of *key* pays for."""
    column = {
        Scope.USER: table.c.asker,
        Scope.CHANNEL: table.c.channel,
        Scope.WORKSPACE: table.c.team,
    }.get(Scope(key.scope))
    is_payer = any_(table.c.groups) == key.subject if column is None else column == key.subject
    since = datetime.combine(key.starts_on, time.min, zone)
    until = datetime.combine(Period(key.period).end(key.starts_on), time.min, zone)
    return and_(is_payer, table.c.at >= since, table.c.at < until)
