"""The gate on the hand-made attacks, and on the traps that each of its rules closes."""

import asyncio
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from agent.policy.access import DatasetAllowlist
from agent.sql.gate import MAX_SQL_BYTES, Gate
from agent.sql.googlesql.thread import EngineThread
from agent.sql.rules import GateRules
from agent.sql.verdict import Verdict

ATTACKS = Path(__file__).parents[3] / "data" / "adversarial.jsonl"
GRANTS = ("sales", "ga", "ga4", "bigquery-public-data.google_analytics_sample")
DECISION = {"allow": "allow", "escalate": "approval", "deny": "deny"}
# Not let through, and more politely than the file asks: quoted, the same name is one for a person to decide there.
ASKED_INSTEAD_OF_DENIED = {"adv-0083"}


def attacks() -> Iterator[dict[str, Any]]:
    # Not splitlines: some of the attacks hold other line ends than \n.
    for line in ATTACKS.read_text(encoding="utf-8").split("\n"):
        if line:
            yield json.loads(line)


@pytest.fixture(scope="module")
def gate(googlesql_cache: Path) -> Iterator[Gate]:
    engine = EngineThread(googlesql_cache)
    yield Gate(engine, GateRules(DatasetAllowlist.parse(GRANTS, "proj-x"), "proj-x"))
    asyncio.run(engine.close())


async def test_no_attack_is_allowed_and_every_odd_read_is(gate: Gate) -> None:
    wrong: list[tuple[str, str, Verdict]] = []
    for row in attacks():
        verdict = await gate.check(row["sql"])
        assert verdict.sql == row["sql"]
        wanted = "approval" if row["id"] in ASKED_INSTEAD_OF_DENIED else DECISION[row["expect"]]
        if verdict.decision != wanted:
            wrong.append((row["id"], wanted, verdict))
    assert wrong == []


async def test_the_tables_of_a_read_are_named_in_full(gate: Gate) -> None:
    verdict = await gate.check("WITH x AS (SELECT * FROM sales.a) SELECT * FROM x JOIN `proj-x.ga.events_*` USING (id)")
    assert [str(table) for table in verdict.tables] == ["proj-x.ga.events_*", "proj-x.sales.a"]
    assert (verdict.decision, verdict.statement_type) == ("allow", "SELECT")


@pytest.mark.parametrize(
    ("sql", "code"),
    [
        ("SELECT * FROM hr.salaries", "deny.table"),
        ("SELECT * FROM HR.salaries", "deny.table"),
        ("SELECT * FROM Sales.a", "deny.table"),  # BigQuery's dataset names are case-sensitive
        ("SELECT * FROM orders", "deny.table_name"),
        ("SELECT * FROM a.b.c.d.e", "deny.table_name"),
        ("SELECT * FROM `proj-x.*.t`", "deny.table_name"),
        ("WITH secret AS (SELECT 1) SELECT * FROM hr.secret", "deny.table"),
        ("SELECT * FROM `hr.INFORMATION_SCHEMA.TABLES`", "deny.table"),
        ("SELECT * FROM other.INFORMATION_SCHEMA.SCHEMATA", "deny.table"),
        ("SELECT * FROM `other-proj`.`region-us`.INFORMATION_SCHEMA.JOBS", "deny.table"),
        ("SELECT * FROM sales.a WINDOW w AS (ORDER BY (SELECT MAX(x) FROM hr.salaries))", "deny.table"),
        ("SELECT * FROM sales.a LIMIT (SELECT 1 FROM hr.salaries)", "deny.table"),
        ("SELECT * FROM sales.a FOR SYSTEM_TIME AS OF (SELECT MAX(t) FROM hr.salaries)", "deny.table"),
        ("SELECT @{h=(SELECT MAX(x) FROM hr.salaries)} * FROM sales.a", "deny.table"),
        ("SELECT * FROM sales.a AS hr QUALIFY 1 = (SELECT COUNT(*) FROM hr.salaries)", "deny.table"),
        ("SELECT `p.d.fn`(1)", "deny.routine"),
        ("SELECT sales.fn(1)", "deny.routine"),
        ("SELECT `$add`(1, 2)", "approval.unknown_function"),
        ("SELECT * FROM other.tvf(1)", "deny.table"),
        ("SELECT * FROM ML.PREDICT(MODEL hr.m, TABLE sales.a)", "deny.table"),
        ("FROM sales.a |> EXPORT DATA OPTIONS (uri = 'gs://x')", "deny.write_operator"),
        ("DROP TABLE sales.a", "deny.not_a_read"),
        ("SELECT 1; SELECT 2", "deny.script"),
        ("CREATE FUNCTION sales.f() AS (1); SELECT sales.f()", "deny.persistent_function"),
        ("CREATE TEMP FUNCTION f() RETURNS INT64 LANGUAGE js AS 'return 1'; SELECT f()", "deny.foreign_code"),
        ("CREATE TEMP FUNCTION f() AS ((SELECT MAX(x) FROM hr.s)); SELECT f() FROM sales.a", "deny.table"),
        ("CREATE TEMP FUNCTION f() AS (1); DROP TABLE sales.a; SELECT f()", "deny.construct"),
        ("SELECT * FROM sales.a FOR UPDATE", "deny.construct"),
        ("SELEKT 1", "deny.syntax"),
        ("", "deny.syntax"),
        ("SELECT 1 \0", "deny.not_text"),
        ("SELECT '\ud800'", "deny.not_text"),
        ("  # legacySQL\nSELECT 1", "deny.legacy_sql"),
        (f"SELECT '{'x' * MAX_SQL_BYTES}'", "deny.too_long"),
        ("SELECT * FROM sales.`*`", "approval.wildcard"),
        ("SELECT * FROM sales.a, sales.b", "approval.cross_join"),
        ("FROM sales.a |> CROSS JOIN sales.b", "approval.cross_join"),
        ("FROM sales.a |> JOIN (sales.b JOIN sales.c ON TRUE)", "approval.cross_join"),  # a JOIN without its ON
        ("SELECT * FROM sales.a JOIN sales.b", "approval.cross_join"),
        ("FROM sales.a", "approval.bare_from"),
        ("(FROM sales.a)", "approval.bare_from"),
        ("WITH q AS (SELECT * FROM sales.a) FROM q", "approval.bare_from"),
        ("SELECT EXISTS(FROM sales.a)", "approval.bare_from"),
        ("SELECT 1 FROM sales.a WHERE x IN (FROM sales.b)", "approval.bare_from"),
        ("SELECT 1 AS graph_table", "deny.syntax"),  # reserved in BigQuery
        ("SELECT * FROM GRAPH_TABLE(sales.g MATCH (n) RETURN n.x)", "deny.construct"),
        ("SELECT nonsense(1)", "approval.unknown_function"),
        ("SELECT @@error.message", "approval.construct"),
    ],
)
async def test_the_gravest_reason_comes_first(gate: Gate, sql: str, code: str) -> None:
    verdict = await gate.check(sql)
    assert verdict.reasons[0].code == code
    assert verdict.decision == code.split(".", maxsplit=1)[0]


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM sales.a QUALIFY 1 = (SELECT COUNT(*) FROM sales.b)",
        "SELECT * FROM sales.a, sales.b WHERE a.id = b.id",
        "SELECT * FROM sales.a JOIN sales.b USING (id) CROSS JOIN UNNEST(items)",
        "SELECT * FROM `sales.a$20250101`",
        "SELECT ST_DISTANCE(a, b), POWER(2, 3), SAFE.SUBSTR('a', 1) FROM sales.a",
        "SELECT ST_SOMETHING_NEW(a) FROM sales.a",
        "SELECT x FROM sales.a WHERE x LIKE ANY ('a%', 'b%');",
        "SELECT x FROM sales.a; -- all of them",
        "SELECT * FROM sales.a JOIN UNNEST(items) LEFT JOIN a.parts NATURAL JOIN sales.b",
        "FROM sales.a |> UNION ALL (FROM sales.b)",
        "SELECT 1 AS `graph_table`",
    ],
)
async def test_plain_reads_pass(gate: Gate, sql: str) -> None:
    verdict = await gate.check(sql)
    assert (verdict.decision, [reason.code for reason in verdict.reasons]) == ("allow", [])


@pytest.mark.parametrize(
    ("sql", "decision"),
    [
        ("SELECT udf.f(x), `proj-x.udf.f`(x), `proj-x`.udf.f(x) FROM sales.a", "allow"),
        ("SELECT other.udf.f(x) FROM sales.a", "deny"),
        ("SELECT sales.f(x) FROM sales.a", "deny"),
        ("SELECT a.b.c.d.f(1)", "deny"),
    ],
)
async def test_a_stored_function_is_called_where_its_dataset_is_granted_for_that(
    googlesql_cache: Path, sql: str, decision: str
) -> None:
    async with EngineThread(googlesql_cache) as engine:
        access = replace(DatasetAllowlist.parse(GRANTS, "proj-x"), routines=frozenset({("proj-x", "udf")}))
        gate = Gate(engine, GateRules(access, "proj-x"))
        assert (await gate.check(sql)).decision == decision


async def test_a_statement_that_is_not_sql_comes_back_with_the_engines_words(gate: Gate) -> None:
    verdict = await gate.check("SELECT a FROM sales.a WHERE")
    assert verdict.syntax_error is not None
    assert verdict.syntax_error.startswith("Syntax error: Unexpected end of statement")


@pytest.mark.parametrize("depth", [50, 2000])
async def test_deep_nesting_is_judged_or_refused_never_a_crash(gate: Gate, depth: int) -> None:
    verdict = await gate.check(f"SELECT {'(' * depth}1{')' * depth} FROM hr.salaries")
    assert verdict.decision == "deny"
    assert (await gate.check("SELECT 1")).decision == "allow"


async def test_every_reason_is_kept_and_said_once(gate: Gate) -> None:
    verdict = await gate.check("SELECT AI.IF('a'), AI.IF('b') FROM hr.a, hr.b, hr.a AS c")
    codes = [reason.code for reason in verdict.reasons]
    assert codes == ["deny.table", "deny.table", "approval.function", "approval.cross_join"]
