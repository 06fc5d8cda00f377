"""Statements that say the same each time, and those of which nobody can promise it."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from agent.sql.googlesql.thread import EngineThread
from agent.sql.repeatable import RepeatableReader


@pytest.fixture(scope="module")
def reader(googlesql_cache: Path) -> Iterator[RepeatableReader]:
    thread = EngineThread(googlesql_cache)
    yield RepeatableReader(thread, "p")
    asyncio.run(thread.close())


@pytest.mark.parametrize(
    ("sql", "tables"),
    [
        ("SELECT COUNT(*) FROM shop.orders", {"p.shop.orders"}),
        ("SELECT SAFE.LOG(x) FROM `q.shop.orders` JOIN shop.users USING (id)", {"q.shop.orders", "p.shop.users"}),
        ("WITH a AS (SELECT 1 AS n) SELECT n FROM a WHERE n > (SELECT MAX(id) FROM shop.users)", {"p.shop.users"}),
        ("FROM shop.orders |> AGGREGATE SUM(price) GROUP BY DATE_TRUNC(day, MONTH)", {"p.shop.orders"}),
        ("SELECT TIMESTAMP '2025-01-01 00:00:00+00', 'RAND()'", set[str]()),
    ],
)
async def test_a_plain_read_says_the_same_each_time(reader: RepeatableReader, sql: str, tables: set[str]) -> None:
    read = await reader.tables(sql)
    assert read is not None
    assert set(map(str, read)) == tables


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT CURRENT_DATE FROM shop.orders",
        "SELECT * FROM shop.orders WHERE d >= DATE_SUB(CURRENT_DATE(), INTERVAL 7 DAY)",
        "SELECT 1 FROM shop.orders ORDER BY (SELECT SAFE.RAND())",
        "SELECT `rand`()",
        "FROM shop.orders |> WHERE RAND() < 0.1",
        "SELECT n FROM shop.orders QUALIFY ROW_NUMBER() OVER (ORDER BY RAND()) = 1",
        "SELECT GENERATE_UUID()",
        "SELECT SESSION_USER()",
        "SELECT shop.stored(n) FROM shop.orders",
        "SELECT made_up(n) FROM shop.orders",
        "SELECT ML.PREDICT(n) FROM shop.orders",
        "SELECT KEYS.NEW_KEYSET('AEAD_AES_GCM_256')",
        "SELECT * FROM EXTERNAL_QUERY('c', 'SELECT 1')",
        "SELECT * FROM shop.orders TABLESAMPLE SYSTEM (10 PERCENT)",
        "SELECT * FROM shop.orders FOR SYSTEM_TIME AS OF TIMESTAMP '2025-01-01'",
        "SELECT @@time_zone",
        "SELECT * FROM `web.events_*`",
        "SELECT * FROM shop.INFORMATION_SCHEMA.TABLES",
        "CREATE TEMP FUNCTION f() AS (RAND()); SELECT f()",
        "SELEKT",
        "DELETE FROM shop.orders WHERE TRUE",
    ],
)
async def test_what_may_change_by_itself_is_named_as_such(reader: RepeatableReader, sql: str) -> None:
    assert await reader.tables(sql) is None
