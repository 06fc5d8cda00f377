"""`botctl policy test` on the demo shop: what it says, and how it ends."""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from agent.bigquery.warehouse import ColumnInfo, TableInfo
from agent.policy.policy_file import read_policy
from agent.sql.googlesql.thread import EngineThread
from bot.cli.main import main
from bot.cli.policy_desk import PolicyDesk, Who

POLICY = """
version: 1
tags: {personal: {columns: [email], policy_tags: "*"}}
grants:
  - {to: everyone, read: shop, tags: {personal: mask}}
  - {to: dm, read: shop, tags: {personal: show}}
  - {to: group:people, read: hr, tags: {personal: show}}
"""
EMAILS = "SELECT email FROM shop.users"


@pytest.fixture(autouse=True)
def _demo(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No settings of whoever runs the tests: the demo shop is what there is."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("BIGQUERY_PROJECT", raising=False)


def write(folder: Path, text: str) -> str:
    path = folder / "policy.yaml"
    path.write_text(text)
    return str(path)


@pytest.fixture(scope="module")
def desk(googlesql_cache: Path) -> Iterator[PolicyDesk]:
    engine = EngineThread(googlesql_cache)
    users = TableInfo("p.shop.users", (ColumnInfo("id", "INT64"), ColumnInfo("email", "STRING")))
    salaries = TableInfo("p.hr.salaries", (ColumnInfo("salary", "INT64", policy_tags=("t",)),))
    yield PolicyDesk(read_policy(POLICY, "p"), engine, (users, salaries), "p")
    asyncio.run(engine.close())


@pytest.mark.parametrize(
    ("who", "sql", "access", "code"),
    [
        (Who("U1"), EMAILS, "allow", None),
        (Who("U1", channel="#general"), EMAILS, "mask", None),
        (Who("U1", channel="general"), "SELECT COUNT(email) FROM shop.users", "private", "access.answered_privately"),
        (Who("U1", channel="general", external=True), EMAILS, "deny", "deny.outsiders"),
        (Who("U1", guest=True), EMAILS, "deny", "deny.outsiders"),
        (Who("U1", ("@people",), "C1"), "SELECT MAX(salary) FROM hr.salaries", "private", None),
        (Who("U1"), "SELECT MAX(salary) FROM hr.salaries", "deny", "deny.table"),
        (Who("U1"), "DROP TABLE shop.users", "deny", "deny.not_a_read"),
        (Who("U1"), "SELECT SESSION_USER() FROM shop.users", "approval", "approval.function"),
        (Who("U1", ("people",), "C1"), "SELECT SESSION_USER() FROM hr.salaries", "deny", "access.ask_alone"),
    ],
)
async def test_a_statement_is_judged_for_who_asks_where(
    desk: PolicyDesk, who: Who, sql: str, access: str, code: str | None
) -> None:
    judged = await desk.judge(sql, who)
    assert judged.access == access
    assert judged.masked == ((0,) if access == "mask" else ())
    if code is not None:
        assert judged.reasons[0].code == code


def test_the_files_own_tests_decide_how_it_ends(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    right = POLICY + f"tests:\n  - {{sql: {EMAILS}, channel: general, expect: mask}}\n"
    assert main(["policy", "test", write(tmp_path, right)]) == 0
    out = capsys.readouterr().out
    assert "everyone: demo-proj.shop.*, personal: mask" in out
    assert f"ok     mask     {EMAILS}" in out
    wrong = right + f"  - {{sql: {EMAILS}, channel: general, expect: allow}}\n"
    assert main(["policy", "test", write(tmp_path, wrong)]) == 1
    assert f"WRONG  allow    {EMAILS}\n       is mask" in capsys.readouterr().out


def test_a_file_that_is_wrong_is_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = write(tmp_path, "version: 1\ngrants:\n  - {to: all, read: shop}\n")
    assert main(["policy", "test", path]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"botctl: {path}, line 3: grants[0].to[0]: 'all' is none of")


def test_sql_check_takes_a_policy_too(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = write(tmp_path, POLICY)
    assert main(["sql", "check", "--policy", path, "--channel", "C1", "--sql", EMAILS, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["decision"], told["access"], told["tables"]) == ("allow", "mask", ["demo-proj.shop.users"])
    assert main(["sql", "check", "--policy", path, "--grant", "shop", "--sql", EMAILS]) == 2
    assert "use one of them" in capsys.readouterr().err
