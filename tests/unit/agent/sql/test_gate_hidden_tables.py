"""A forbidden table in every place of the grammar where a table or a subquery can stand: none is a hiding place."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from agent.policy.access import DatasetAllowlist
from agent.sql.gate import Gate
from agent.sql.googlesql.thread import EngineThread
from agent.sql.rules import GateRules

HIDDEN = "(SELECT MAX(x) FROM hr.salaries)"

# `?` stands for the hidden subquery.
PLACES = [
    "SELECT ?",
    "SELECT a.x FROM sales.a a WHERE ?>1",
    "SELECT x FROM sales.a GROUP BY x HAVING ?>1",
    "SELECT x FROM sales.a GROUP BY ?",
    "SELECT x FROM sales.a ORDER BY ?",
    "SELECT * FROM sales.a QUALIFY ?>1",
    "SELECT SUM(x) OVER w FROM sales.a WINDOW w AS (PARTITION BY ?)",
    "SELECT SUM(x) OVER (ORDER BY y ROWS BETWEEN ? PRECEDING AND CURRENT ROW) FROM sales.a",
    "SELECT SUM(x) OVER (ORDER BY y RANGE BETWEEN ? PRECEDING AND CURRENT ROW) FROM sales.a",
    "SELECT * FROM sales.a LIMIT ?",
    "SELECT * FROM sales.a LIMIT 1 OFFSET ?",
    "SELECT arr[OFFSET(?)] FROM sales.a",
    "SELECT arr[?] FROM sales.a",
    "SELECT ARRAY_AGG(x ORDER BY ? LIMIT 1) FROM sales.a",
    "SELECT ARRAY_AGG(x LIMIT ?) FROM sales.a",
    "SELECT MAX(x HAVING MAX ?) FROM sales.a",
    "SELECT SUM(x WHERE ?>1) FROM sales.a",
    "SELECT SUM(x GROUP BY ?) FROM sales.a",
    "SELECT * FROM sales.a JOIN sales.b ON ?=1",
    "SELECT * FROM sales.a PIVOT(SUM(x) FOR y IN (?))",
    "SELECT * FROM sales.a PIVOT(SUM(?) FOR y IN (1))",
    "SELECT * FROM sales.a PIVOT(SUM(x) FOR ? IN (1))",
    "SELECT * FROM sales.a UNPIVOT(v FOR n IN (a AS ?))",
    "SELECT * FROM sales.a TABLESAMPLE SYSTEM (? PERCENT)",
    "SELECT * FROM sales.a FOR SYSTEM_TIME AS OF ?",
    "SELECT STRUCT(? AS y)",
    "SELECT (?,1)",
    "SELECT [?]",
    "SELECT EXISTS?",
    "SELECT ARRAY?",
    "SELECT 1 IN ?",
    "SELECT 1 IN UNNEST([?])",
    "SELECT 1 LIKE ANY (?)",
    "SELECT x LIKE ANY ? FROM sales.a",
    "SELECT x = ANY ? FROM sales.a",
    "SELECT CASE ? WHEN 1 THEN 2 END",
    "SELECT IF(?>1,1,2)",
    "SELECT CAST(? AS STRING FORMAT ?)",
    "SELECT CAST(x AS TIMESTAMP FORMAT 'Y' AT TIME ZONE ?) FROM sales.a",
    "SELECT EXTRACT(YEAR FROM ?)",
    "SELECT EXTRACT(YEAR FROM t AT TIME ZONE ?) FROM sales.a",
    "SELECT INTERVAL ? DAY",
    "SELECT ? BETWEEN 1 AND 2",
    "SELECT WITH(a AS ?, a+1)",
    "SELECT ARRAY_FILTER(arr, e -> e > ?) FROM sales.a",
    "SELECT * REPLACE(? AS x) FROM sales.a",
    "SELECT AS STRUCT ?",
    "SELECT * FROM UNNEST([?]) WITH OFFSET",
    "SELECT * FROM UNNEST([?], [1], mode => 'PAD')",
    "SELECT * FROM (sales.a JOIN sales.b ON ?=1)",
    "SELECT @{h=?} * FROM sales.a",
    "SELECT * FROM sales.a@{h=?}",
    "SELECT * FROM sales.a JOIN@{h=?} sales.b USING(id)",
    "SELECT f(x)@{h=?} FROM sales.a",
    "SELECT SUM(x)@{h=?} FROM sales.a",
    "SELECT x FROM sales.a GROUP@{h=?} BY x",
    "SELECT RANGE<DATE> '[2020-01-01, 2021-01-01)', ?",
    "FROM sales.a |> WHERE ?>1",
    "FROM sales.a |> EXTEND ? AS z",
    "FROM sales.a |> SET x=?",
    "FROM sales.a |> SELECT ?",
    "FROM sales.a |> AGGREGATE SUM(?)",
    "FROM sales.a |> AGGREGATE COUNT(*) GROUP BY ?",
    "FROM sales.a |> ASSERT ?>1",
    "FROM sales.a |> ASSERT TRUE, ?",
    "FROM sales.a |> LIMIT ?",
    "FROM sales.a |> ORDER BY ?",
    "FROM sales.a |> WINDOW SUM(x) OVER (ORDER BY ?)",
    "FROM sales.a |> PIVOT(SUM(x) FOR y IN (?))",
    "FROM sales.a |> JOIN sales.b ON ?=1",
    "FROM sales.a |> TABLESAMPLE SYSTEM (? PERCENT)",
    "FROM sales.a |> UNION ALL ?",
    "FROM sales.a |> WITH q AS ? |> JOIN q USING(id)",
    "FROM sales.a |> IF ?>1 THEN (|> LIMIT 1)",
    "FROM sales.a |> FORK (|> WHERE ?>1)",
    "FROM sales.a |> TEE (|> WHERE ?>1)",
    "FROM sales.a |> LOG (|> WHERE ?>1)",
    "FROM sales.a |> CALL sales.f(?)",
    "FROM sales.a |> RECURSIVE UNION ALL (|> WHERE ?>1)",
    "FROM sales.a |> DISTINCT |> WHERE ?>1",
    "FROM sales.a |> AS hr |> WHERE ?>1",
    "WITH salaries AS (SELECT 1 x) SELECT ?",
    "WITH hr AS (SELECT 1 x) SELECT ? FROM sales.a",
    "SELECT * FROM (SELECT 1 FROM sales.a AS hr) WHERE ?>1",
    "SELECT * FROM sales.a QUALIFY ?>1 AND EXISTS(SELECT 1 FROM sales.b AS hr)",
    "WITH hr AS (SELECT 1) SELECT * FROM sales.a QUALIFY ?>1",
    "SELECT * FROM sales.a WINDOW w AS (ORDER BY (WITH hr AS (SELECT 1) SELECT 1 FROM hr.salaries))",
    "SELECT * FROM sales.a WHERE x IN (TABLE hr.salaries)",
    "TABLE hr.salaries",
    "(TABLE hr.salaries)",
    "FROM hr.salaries",
    "SELECT * FROM (FROM hr.salaries)",
    "SELECT * FROM sales.tvf(TABLE hr.salaries)",
    "SELECT * FROM sales.tvf((SELECT * FROM hr.salaries))",
    "SELECT * FROM `hr`.`salaries`",
    "SELECT * FROM `proj-x`.`hr`.`salaries`",
    "SELECT * FROM proj-x.hr.salaries",
    "SELECT * FROM hr.salaries$x",
    "SELECT * FROM sales.a UNION ALL BY NAME TABLE hr.salaries",
    "SELECT * FROM sales.a MATCH_RECOGNIZE (PARTITION BY ? ORDER BY x MEASURES 1 AS z PATTERN (a) DEFINE a AS TRUE)",
    "SELECT * FROM GAP_FILL(TABLE sales.a, ts_column=>?)",
    "SELECT DATE(x) FROM sales.a, LATERAL ?",
    "SELECT * FROM sales.a, LATERAL (SELECT * FROM hr.salaries)",
    "SELECT * FROM sales.a AS hr LEFT JOIN (SELECT * FROM hr.salaries) USING(id)",
]


@pytest.fixture(scope="module")
def gate(googlesql_cache: Path) -> Iterator[Gate]:
    engine = EngineThread(googlesql_cache)
    yield Gate(engine, GateRules(DatasetAllowlist.parse(["sales"], "proj-x"), "proj-x"))
    asyncio.run(engine.close())


@pytest.mark.parametrize("place", PLACES)
async def test_a_forbidden_table_is_found_wherever_it_hides(gate: Gate, place: str) -> None:
    verdict = await gate.check(place.replace("?", HIDDEN))
    assert verdict.decision == "deny"


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM sales.a AS hr, hr.salaries",
        "SELECT * FROM sales.a AS hr JOIN hr.salaries USING (id)",
        "WITH hr AS (SELECT [1] AS salaries) SELECT * FROM hr WHERE EXISTS (SELECT 1 FROM hr.salaries)",
    ],
)
async def test_an_array_of_a_granted_table_is_no_table_whatever_its_alias_is_called(gate: Gate, sql: str) -> None:
    verdict = await gate.check(sql)
    assert verdict.decision == "allow"
    assert "proj-x.hr.salaries" not in [str(table) for table in verdict.tables]
