"""Which columns are read, in every construct that can read one."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from agent.bigquery.warehouse import ColumnInfo
from agent.sql.column_use import ColumnUse
from agent.sql.columns import ColumnReader
from agent.sql.googlesql.thread import EngineThread

ITEMS = "ARRAY<STRUCT<sku STRING, buyer STRUCT<email STRING, country STRING>>>"
TABLES = {
    "p.shop.users": (
        ColumnInfo("id", "INT64"), ColumnInfo("Email", "STRING"), ColumnInfo("country", "STRING"),
        ColumnInfo("device", "STRUCT<category STRING, ad_id STRING>"), ColumnInfo("tags", "ARRAY<STRING>"),
    ),
    "p.shop.orders": (ColumnInfo("id", "INT64"), ColumnInfo("user_id", "INT64"), ColumnInfo("items", ITEMS)),
    "p.web.events_*": (ColumnInfo("user_id", "INT64"), ColumnInfo("email", "STRING")),
}  # fmt: skip


@pytest.fixture(scope="module")
def reader(googlesql_cache: Path) -> Iterator[ColumnReader]:
    engine = EngineThread(googlesql_cache)
    yield ColumnReader(engine, "p")
    asyncio.run(engine.close())


def told(use: ColumnUse) -> tuple[set[str], list[set[str]]]:
    """What is used, and what each output shows as it is: `users.email`."""

    def spelled(sources: frozenset[tuple[str, tuple[str, ...]]]) -> set[str]:
        return {".".join((table.rsplit(".", 1)[-1], *path)) for table, path in sources}

    return spelled(use.used), [spelled(output.plain) for output in use.outputs]


EMAIL = {"users.email"}


@pytest.mark.parametrize(
    ("sql", "used", "outputs"),
    [
        ("SELECT email FROM shop.users", set(), [EMAIL]),
        ("SELECT email AS contact FROM `p.shop.users`", set(), [EMAIL]),
        ("SELECT u.email FROM `p.shop`.users AS u", set(), [EMAIL]),
        ("SELECT users.email FROM `shop.users`", set(), [EMAIL]),
        ("SELECT * EXCEPT (email, device, tags) FROM shop.users", set(), [{"users.id"}, {"users.country"}]),
        ("SELECT * REPLACE ('x' AS email) FROM shop.users", set(),
         [{"users.id"}, set(), {"users.country"}, {"users.device"}, {"users.tags"}]),
        ("SELECT COUNT(*) FROM shop.users", set(), [set()]),
        ("SELECT COUNT(email) FROM shop.users", EMAIL, [set()]),
        ("SELECT 1 FROM shop.users WHERE email LIKE 'a%'", EMAIL, [set()]),
        ("SELECT UPPER(email) FROM shop.users", EMAIL, [set()]),
        ("SELECT id FROM shop.users ORDER BY email", EMAIL, [{"users.id"}]),
        ("SELECT email FROM shop.users ORDER BY 1", EMAIL, [EMAIL]),
        ("SELECT email, COUNT(*) FROM shop.users GROUP BY email", EMAIL, [set(), set()]),
        ("SELECT DISTINCT email FROM shop.users", EMAIL, [set()]),
        ("SELECT country FROM shop.users GROUP BY country HAVING MAX(email) > 'a'",
         EMAIL | {"users.country"}, [set()]),
        ("SELECT id FROM shop.users QUALIFY ROW_NUMBER() OVER (PARTITION BY email ORDER BY id) = 1",
         EMAIL | {"users.id"}, [{"users.id"}]),
        ("SELECT FIRST_VALUE(id) OVER (ORDER BY email) FROM shop.users", EMAIL | {"users.id"}, [set()]),
        ("SELECT a.id FROM shop.users a JOIN shop.users b USING (email)", EMAIL, [{"users.id"}]),
        ("SELECT a.id FROM shop.users a JOIN shop.users b ON a.email = b.email", EMAIL, [{"users.id"}]),
        ("SELECT a.email FROM shop.users a JOIN shop.orders o ON o.user_id = a.id",
         {"orders.user_id", "users.id"}, [EMAIL]),
        ("WITH w AS (SELECT email AS e FROM shop.users) SELECT e FROM w", set(), [EMAIL]),
        ("WITH w AS (SELECT email AS e, id FROM shop.users) SELECT id FROM w", set(), [{"users.id"}]),
        ("WITH w AS (SELECT email AS e FROM shop.users) SELECT LENGTH(e) FROM w", EMAIL, [set()]),
        ("SELECT email FROM shop.users UNION ALL SELECT country FROM shop.users", set(), [EMAIL | {"users.country"}]),
        ("SELECT email FROM shop.users EXCEPT DISTINCT SELECT country FROM shop.users",
         EMAIL | {"users.country"}, [EMAIL | {"users.country"}]),
        ("SELECT (SELECT MIN(email) FROM shop.users)", EMAIL, [set()]),
        ("SELECT (SELECT email FROM shop.users LIMIT 1)", EMAIL, [set()]),
        ("SELECT ARRAY(SELECT email FROM shop.users)", EMAIL, [set()]),
        ("SELECT id FROM shop.users WHERE country IN (SELECT email FROM shop.users)",
         EMAIL | {"users.country"}, [{"users.id"}]),
        ("SELECT id FROM shop.orders o WHERE EXISTS (SELECT 1 FROM shop.users u WHERE u.email = 'a' AND u.id = o.id)",
         EMAIL | {"users.id", "orders.id"}, [{"orders.id"}]),
        ("SELECT AS STRUCT email FROM shop.users", EMAIL, [set()]),
        ("SELECT TO_JSON_STRING(u) FROM shop.users u",
         {"users.id", "users.email", "users.country", "users.device", "users.tags"}, [set()]),
        ("SELECT u.device.category FROM shop.users u", set(), [{"users.device.category"}]),
        ("SELECT UPPER(u.device.category) FROM shop.users u", {"users.device.category"}, [set()]),
        ("SELECT device FROM shop.users", set(), [{"users.device"}]),
        ("SELECT device.* FROM shop.users", set(), [{"users.device.category"}, {"users.device.ad_id"}]),
        ("WITH d AS (SELECT device AS x FROM shop.users) SELECT x.category FROM d", set(), [{"users.device.category"}]),
        ("SELECT t FROM shop.users, UNNEST(tags) AS t", set(), [{"users.tags"}]),
        ("SELECT i.sku FROM shop.orders, UNNEST(items) AS i", set(), [{"orders.items.sku"}]),
        ("SELECT i.buyer.country FROM shop.orders o, o.items AS i WHERE i.sku = 'x'",
         {"orders.items.sku"}, [{"orders.items.buyer.country"}]),
        ("SELECT (SELECT MAX(i.sku) FROM UNNEST(o.items) AS i) FROM shop.orders o", {"orders.items.sku"}, [set()]),
        ("SELECT items[OFFSET(0)].sku FROM shop.orders", {"orders.items"}, [set()]),
        ("SELECT * FROM (SELECT country, email FROM shop.users) PIVOT (MAX(email) FOR country IN ('KR', 'US'))",
         EMAIL | {"users.country"}, [set(), set()]),
        ("SELECT v FROM (SELECT email, country FROM shop.users) UNPIVOT (v FOR k IN (email, country))",
         EMAIL | {"users.country"}, [set()]),
        ("WITH w AS (SELECT email, country FROM shop.users) SELECT v FROM w UNPIVOT (v FOR k IN (email, country))",
         EMAIL | {"users.country"}, [set()]),
        ("FROM shop.users |> WHERE email = 'x' |> SELECT id", EMAIL, [{"users.id"}]),
        ("FROM shop.users |> SELECT id, email |> DROP email", set(), [{"users.id"}]),
        ("FROM shop.users |> AGGREGATE COUNT(*) AS n GROUP BY email |> SELECT n", EMAIL, [set()]),
        ("FROM shop.users |> EXTEND LENGTH(email) AS l |> SELECT l", EMAIL, [set()]),
        ("FROM shop.users |> SET email = 'x' |> SELECT email", set(), [set()]),
        ("SELECT email FROM shop.users LIMIT 5", set(), [EMAIL]),
        ("SELECT email FROM `web.events_*` WHERE _TABLE_SUFFIX = '20250101'",
         {"events_*._table_suffix"}, [{"events_*.email"}]),
        ("SELECT id FROM shop.users TABLESAMPLE SYSTEM (1 PERCENT)", set(), [{"users.id"}]),
        ("SELECT IF(email IS NULL, 0, 1) FROM shop.users", EMAIL, [set()]),
        ("SELECT RANK() OVER w FROM shop.users WINDOW w AS (ORDER BY (SELECT MAX(email) FROM shop.users))",
         EMAIL, [set()]),
        ("SELECT id FROM shop.users LIMIT 10 OFFSET 2", set(), [{"users.id"}]),
        ("WITH RECURSIVE r AS (SELECT email AS e FROM shop.users UNION ALL SELECT e FROM r) SELECT e FROM r",
         EMAIL, [set()]),
        ("SELECT NULL AS a, * FROM (SELECT email FROM shop.users)", set(), [set(), EMAIL]),
        ("SELECT ARRAY_AGG(email)[OFFSET(0)] FROM shop.users", EMAIL, [set()]),
        ("SELECT STRUCT(email).email FROM shop.users", EMAIL, [set()]),
        ("SELECT ANY_VALUE(id HAVING MAX email) FROM shop.users", EMAIL | {"users.id"}, [set()]),
        ("SELECT STRING_AGG(country ORDER BY email) FROM shop.users", EMAIL | {"users.country"}, [set()]),
        ("SELECT COUNTIF(email LIKE '%x') FROM shop.users", EMAIL, [set()]),
        ("SELECT id FROM shop.users u WHERE u IN (SELECT AS STRUCT * FROM shop.users)",
         {"users.id", "users.email", "users.country", "users.device", "users.tags"}, [{"users.id"}]),
        ("SELECT MAX_BY(id, email) FROM shop.users", EMAIL | {"users.id"}, [set()]),
        ("SELECT id FROM shop.users WHERE CONTAINS_SUBSTR(email, 'x')", EMAIL, [{"users.id"}]),
        ("SELECT x.email FROM (SELECT AS STRUCT email FROM shop.users) x", EMAIL, None),
    ],
)  # fmt: skip
async def test_each_column_is_followed_from_its_table_to_where_it_goes(
    reader: ColumnReader, sql: str, used: set[str], outputs: list[set[str]] | None
) -> None:
    use = await reader.read(sql, TABLES)
    assert use is not None
    assert told(use) == (used, told(use)[1] if outputs is None else outputs)


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM shop.unheard_of",
        "SELECT no_such_column FROM shop.users",
        "SELECT nonsense(email) FROM shop.users",
        "SELECT id FROM shop.users; SELECT 1",
        "CREATE TEMP FUNCTION f(x STRING) AS (x); SELECT f(email) FROM shop.users",
    ],
)
async def test_what_cannot_be_followed_is_not_known(reader: ColumnReader, sql: str) -> None:
    assert await reader.read(sql, TABLES) is None


async def test_a_computed_column_knows_what_it_is_made_of(reader: ColumnReader) -> None:
    use = await reader.read(
        "WITH w AS (SELECT id, LOWER(email) AS e, country FROM shop.users WHERE country = 'KR') "
        "SELECT id, MAX(CONCAT(e, 'x')) AS e FROM w GROUP BY id",
        TABLES,
    )
    assert use is not None
    made_of = [{source.path for source in output.made_of} for output in use.outputs]
    assert made_of == [{("id",)}, {("email",)}]
