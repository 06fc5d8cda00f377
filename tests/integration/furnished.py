"""A database in which every table of ours holds something awkward, and a thread is remembered."""

import operator
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Annotated, Any, Final, TypedDict

import psycopg
from langchain_core.runnables import RunnableConfig
from langgraph.graph import END, START, StateGraph
from sqlalchemy import BigInteger, Boolean, Column, Date, DateTime, Float, Integer, LargeBinary, Numeric, insert, text
from sqlalchemy.dialects.postgresql import ARRAY

from bot.storage.checkpoints import open_savers
from bot.storage.database import open_database
from bot.storage.inbox import PostgresInbox
from bot.storage.tables import inbox_owner, metadata
from tests.inbox_items import turn

AWKWARD: Final = "주문은 몇 건? \\N \t'quoted'\r\n\N{PILE OF POO}"
THREAD: Final = RunnableConfig(configurable={"thread_id": "T1:C1:1.0"})
SPECIAL: Final[dict[str, dict[str, Any]]] = {
    "inbox": {"status": "queued", "owner": None, "leased_until": None},
    "reservations": {"state": "held"},
    "audit": {"kind": "job"},
    "approvals": {"state": "pending", "decided_by": None, "decided_at": None},
    "feedback": {"verdict": "good"},
}
"""Where the tables' own rules leave no choice."""


class Notes(TypedDict):
    said: Annotated[list[str], operator.add]


async def furnish(uri: str) -> None:
    """A row in every table; columns that are sequences' own are left to them."""
    async with open_database(uri) as database, database.transaction() as connection:
        for table in metadata.sorted_tables:
            values = {column.name: _value(column) for column in table.columns if column.identity is None}
            await connection.execute(insert(table).values(values | SPECIAL.get(table.name, {})))
        await connection.execute(text(f"SELECT setval('{inbox_owner.name}', 4711)"))
    assert await say(uri, "a") == ["a", "heard 1"]


async def say(uri: str, words: str) -> list[str]:
    """One turn of a conversation that is remembered: all that was said in it."""
    async with open_savers(uri, workers=1) as savers, savers.slot() as saver:
        compiled = _conversation().compile(checkpointer=saver)
        ended = await compiled.ainvoke({"said": [words]}, THREAD, durability="sync")
        await saver.aprune(["T1:C1:1.0"], strategy="keep_latest")
    return ended["said"]


def _conversation() -> StateGraph[Notes]:
    builder = StateGraph(Notes)
    builder.add_node("answer", _answer)
    builder.add_edge(START, "answer")
    builder.add_edge("answer", END)
    return builder


async def put_and_claim(uri: str) -> None:
    """What the daemon does next: the numbering goes on behind what is there."""
    async with open_database(uri) as database, PostgresInbox(database).listening() as inbox:
        await inbox.put(turn("new", conversation="another"))
        [claim] = [claim for claim in await inbox.claim(8) if claim.item.dedupe_key == "new"]
        assert claim.id > 1
        async with database.transaction() as connection:
            owner = (await connection.execute(text(f"SELECT last_value FROM {inbox_owner.name}"))).scalar_one()
        assert owner > 4711


def _answer(state: Notes) -> Notes:
    return {"said": [f"heard {len(state['said'])}"]}


def everything(uri: str) -> dict[str, list[str]]:
    """Every row of every table in both schemas, as the server spells it."""
    query = "SELECT schemaname, tablename FROM pg_tables WHERE schemaname IN ('public', 'langgraph') ORDER BY 1, 2"
    with psycopg.connect(uri) as connection:
        tables = connection.execute(query).fetchall()
        return {
            f"{schema}.{table}": sorted(
                str(row) for (row,) in connection.execute(f'SELECT t::text FROM "{schema}"."{table}" AS t'.encode())
            )
            for schema, table in tables
        }


def _value(column: Column[Any]) -> Any:
    if isinstance(column.type, ARRAY):
        return [AWKWARD, "a,b", "{c}", ""]
    plain: dict[type[Any], Any] = {
        Boolean: True,
        Date: date(2026, 1, 31),
        DateTime: datetime(2026, 1, 31, 9, 30, 0, 123456, tzinfo=UTC),
        Float: 0.1,
        Numeric: Decimal("12.345678901"),
        BigInteger: 2**53 + 1,
        Integer: 7,
        LargeBinary: bytes(range(256)),
    }
    found = [value for kind, value in plain.items() if isinstance(column.type, kind)]
    # The same in each table: keys that point to one another agree.
    return found[0] if found else f"{column.name.removeprefix('result_')} {AWKWARD}"
