"""Where Google's engine cannot load, nothing is waved through: a person is asked, or the statement is refused."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import structlog

from agent.bigquery.pricing import MEBIBYTE
from agent.bigquery.warehouse import ColumnInfo, TableInfo
from agent.errors import InvalidQuery
from agent.notice import Notice
from agent.policy.access import DatasetAllowlist
from agent.policy.cost import CostLimits
from agent.policy.decision import Deny, NeedApproval
from agent.query import QueryPolicy, QueryRefused, QueryRequest, QueryRunner
from agent.sql.gate import Gate
from agent.sql.googlesql.errors import EngineUnavailable
from agent.sql.googlesql.module_cache import compile_module, is_compiled
from agent.sql.googlesql.thread import EngineThread
from agent.sql.rules import GateRules
from agent.sql.verdict import Verdict
from agent.turn import Actor, Audience
from tests.fakes.access import access_of, everyone_reads
from tests.fakes.approvals import FakeApprovals
from tests.fakes.cashier import cashier_at
from tests.fakes.results import FakeResults
from tests.fakes.warehouse import FakeWarehouse, Statement, table_of

ROOT = Path(__file__).parents[4]
ACCESS = DatasetAllowlist.parse(["sales"], "proj-x")
READ = "SELECT COUNT(*) FROM sales.orders"
TABLES = (TableInfo("proj-x.sales.orders", (ColumnInfo("id", "INT64"),)),)
ORDERS = "proj-x.sales.orders"
REQUEST = QueryRequest("message:T1:C1:1.0", "T1:C1:1.0", Actor("U1", "T1"), Audience("channel", "C1"), "How many?")

GATE_IN_A_PROCESS = """
import asyncio, json, sys
from pathlib import Path
import bot.app
from agent.policy.access import DatasetAllowlist
from agent.sql.gate import Gate
from agent.sql.googlesql.thread import EngineThread
from agent.sql.rules import GateRules

async def main():
    async with EngineThread(Path(sys.argv[1])) as engine:
        gate = Gate(engine, GateRules(DatasetAllowlist.parse(["sales"], "proj-x"), "proj-x"))
        print(json.dumps([(await gate.check(sql)).decision for sql in sys.argv[2:]]))

asyncio.run(main())
"""
NO_EXECUTABLE_MEMORY = """
import ctypes, sys
# PR_SET_MDWE, PR_MDWE_REFUSE_EXEC_GAIN: what systemd's MemoryDenyWriteExecute does, as the kernel does it
if ctypes.CDLL(None).prctl(65, 1, 0, 0, 0) != 0:
    sys.exit(77)
"""


@pytest.fixture
def no_folder(tmp_path: Path) -> Path:
    """The cache for native code is a file: the engine cannot be opened."""
    (tmp_path / "googlesql").write_text("")
    return tmp_path / "googlesql"


async def judged(no_folder: Path, *statements: str) -> list[Verdict]:
    async with EngineThread(no_folder) as engine:
        gate = Gate(engine, GateRules(ACCESS, "proj-x"))
        return [await gate.check(sql) for sql in statements]


def attacks() -> Iterator[dict[str, Any]]:
    file = ROOT / "tests/data/adversarial.jsonl"
    for line in file.read_text(encoding="utf-8").split("\n"):
        if line:
            yield json.loads(line)


async def test_it_is_said_once_and_stays_so(no_folder: Path) -> None:
    with structlog.testing.capture_logs() as logs:
        async with EngineThread(no_folder) as engine:
            for _ in range(3):
                with pytest.raises(EngineUnavailable, match="FileExistsError"):
                    await engine.open()
    (told,) = [entry for entry in logs if entry["event"] == "googlesql.unavailable"]
    assert (told["log_level"], told["effect"]) == ("error", "every query needs approval")
    assert "FileExistsError" in told["reason"]


async def test_a_folder_that_others_own_is_not_loaded_from(tmp_path: Path) -> None:
    (tmp_path / "googlesql").symlink_to("/usr")
    with pytest.raises(EngineUnavailable, match="UnsafeCacheFolder: .* is not a folder"):
        async with EngineThread(tmp_path / "googlesql") as engine:
            await engine.open()


async def test_a_plain_read_of_granted_tables_needs_approval(no_folder: Path) -> None:
    (verdict,) = await judged(no_folder, "WITH x AS (SELECT id FROM sales.a) SELECT * FROM x JOIN sales.b USING (id)")
    assert (verdict.decision, verdict.statement_type) == ("approval", "SELECT")
    assert verdict.reasons == (Notice("approval.engine_unavailable"),)
    assert [str(table) for table in verdict.tables] == ["proj-x.sales.a", "proj-x.sales.b"]


@pytest.mark.parametrize(
    ("sql", "code"),
    [
        ("SELECT * FROM hr.salaries", "deny.table"),
        ("SELECT (SELECT MAX(x) FROM hr.salaries) FROM sales.a", "deny.table"),
        ("WITH secret AS (SELECT 1) SELECT * FROM hr.secret", "deny.table"),
        ("SELECT 1; SELECT 2", "deny.engine_unavailable"),
        ("SELECT 1 INTO sales.b", "deny.engine_unavailable"),
        ("DELETE FROM sales.a WHERE TRUE", "deny.engine_unavailable"),
        ("FROM sales.a |> INSERT INTO sales.b", "deny.engine_unavailable"),
        ("SELECT sales.f(1)", "deny.engine_unavailable"),
        ("SELECT `p.d.f`(1)", "deny.engine_unavailable"),
        ("SELECT * FROM EXTERNAL_QUERY('c', 'SELECT 1')", "deny.engine_unavailable"),
        ("CREATE TEMP FUNCTION f() AS (1); SELECT f()", "deny.engine_unavailable"),
        ("SELEKT 1", "deny.engine_unavailable"),
        (f"SELECT {'(' * 200}1{')' * 200}", "deny.engine_unavailable"),
        ("#legacySQL\nSELECT 1", "deny.legacy_sql"),
    ],
)
async def test_what_sqlglot_cannot_vouch_for_is_refused(no_folder: Path, sql: str, code: str) -> None:
    (verdict,) = await judged(no_folder, sql)
    assert (verdict.decision, verdict.reasons[0].code) == ("deny", code)


async def test_no_attack_and_no_read_is_allowed(no_folder: Path) -> None:
    rows = list(attacks())
    decisions = {verdict.decision for verdict in await judged(no_folder, *(row["sql"] for row in rows))}
    assert decisions == {"approval", "deny"}


@pytest.mark.parametrize(
    ("statement", "decision", "code"),
    [
        (Statement(tables=(ORDERS,)), NeedApproval, "approval.engine_unavailable"),
        (Statement(tables=(ORDERS,), statement_type="INSERT"), Deny, "deny.not_a_read"),
        (Statement(tables=("proj-x.hr.salaries",)), Deny, "deny.table"),
        (Statement(tables=(ORDERS,), routines=("proj-x.sales.f",)), Deny, "deny.routine"),
    ],
)
async def test_bigquery_has_to_agree(no_folder: Path, statement: Statement, decision: type, code: str) -> None:
    async with EngineThread(no_folder) as engine:
        check = await door(engine, statement)[0].check(READ, REQUEST)
    assert isinstance(check.decision, decision)
    assert check.reasons[0].code == code


async def test_bigquery_that_refuses_the_sql_ends_it(no_folder: Path) -> None:
    async with EngineThread(no_folder) as engine:
        with pytest.raises(InvalidQuery):
            await door(engine, Statement())[0].check("SELECT “x” FROM sales.orders", REQUEST)


async def test_it_runs_after_a_persons_yes_and_not_before(no_folder: Path) -> None:
    async with EngineThread(no_folder) as engine:
        runner, warehouse, approvals = door(engine, Statement(table_of([("n", "INT64")], (7,)), MEBIBYTE, (ORDERS,)))
        with pytest.raises(QueryRefused):
            await runner.run(READ, REQUEST)
        assert warehouse.jobs == {}
        approval_id = await runner.request_approval(await runner.check(READ, REQUEST), REQUEST)
        decided = await approvals.decide(approval_id, "U2", approve=True)
        assert decided is not None
        assert (await runner.run(READ, REQUEST, approved=decided.approval)).table.rows == ((7,),)


def door(engine: EngineThread, statement: Statement) -> tuple[QueryRunner, FakeWarehouse, FakeApprovals]:
    warehouse, approvals = FakeWarehouse(), FakeApprovals()
    warehouse.knows(READ, statement)
    policy = QueryPolicy("proj-x", CostLimits(1 << 40, auto_execute_max_cost_usd=1000))
    gate = Gate(engine, GateRules(ACCESS, "proj-x"))
    runner = QueryRunner(
        gate=gate, warehouse=warehouse, policy=policy, approvals=approvals, results=FakeResults(),
        cashier=cashier_at(warehouse),
        access=access_of(everyone_reads("sales", project="proj-x"), project="proj-x", tables=TABLES),
    )  # fmt: skip
    return runner, warehouse, approvals


@pytest.mark.parametrize("package", ["zetasql", "wasmtime"])
def test_without_its_packages_the_daemons_modules_load_all_the_same(tmp_path: Path, package: str) -> None:
    ended = run(f"import sys; sys.modules[{package!r}] = None\n", tmp_path)
    assert ended.returncode == 0, ended.stderr
    assert json.loads(ended.stdout.splitlines()[-1]) == ["approval", "deny"]


def test_without_executable_memory_everything_needs_approval(googlesql_cache: Path) -> None:
    compile_module(googlesql_cache)
    ended = run(NO_EXECUTABLE_MEMORY, googlesql_cache)
    if ended.returncode == 77:
        pytest.skip("this kernel cannot forbid a process executable memory (Linux 6.3 can)")
    assert ended.returncode == 0, ended.stderr
    assert "NoExecutableMemory" in ended.stdout
    assert is_compiled(googlesql_cache)  # what others have compiled is not taken for broken
    assert json.loads(ended.stdout.splitlines()[-1]) == ["approval", "deny"]


def run(first: str, cache_dir: Path) -> subprocess.CompletedProcess[str]:
    words = [sys.executable, "-c", first + GATE_IN_A_PROCESS, str(cache_dir), READ, "DROP TABLE sales.a"]
    return subprocess.run(words, cwd=ROOT, capture_output=True, text=True, timeout=100, check=False)
