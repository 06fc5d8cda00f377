"""What `botctl sql check` takes as granted, and what it reads."""

import json
from pathlib import Path

import pytest

from agent.notice import Notice
from agent.sql.names import TableName
from agent.sql.verdict import Verdict
from bot.cli.errors import CommandError
from bot.cli.sql_check import Statement, read_statements, verdict_json
from bot.cli.sql_grants import rules_of


def test_a_grant_is_one_dataset() -> None:
    rights = rules_of(["sales", "other.web"], "proj").rights
    assert rights.may_read(TableName("proj", "sales", "a"))
    assert rights.may_read(TableName("other", "web", "a"))
    assert not rights.may_read(TableName("proj", "web", "a"))
    assert not rights.may_call(TableName("proj", "sales", "f"))


def test_a_star_grants_every_table_even_one_without_a_dataset() -> None:
    rules = rules_of(["proj.sales", "*"], "")
    assert rules.rights.may_read(TableName("any", "hr", "salaries"))
    assert rules.default_dataset == ""


@pytest.mark.parametrize(
    ("grants", "sentence"),
    [
        (["sales"], "--grant sales names no project: say --project, or --grant PROJECT.sales."),
        (["a.b.c"], "--grant is wrong: 'a.b.c' is neither `dataset` nor `project.dataset`."),
        (["proj.*"], "--grant is wrong: 'proj.*' is neither `dataset` nor `project.dataset`."),
    ],
)
def test_a_wrong_grant_is_one_sentence(grants: list[str], sentence: str) -> None:
    with pytest.raises(CommandError) as caught:
        rules_of(grants, "")
    assert str(caught.value) == sentence


def test_lines_end_at_newlines_only(tmp_path: Path) -> None:
    file = tmp_path / "statements.jsonl"
    rows = [{"id": 1, "sql": "SELECT 1 -- \u2028; DROP TABLE a"}, {"id": "b", "sql": "SELECT 2", "more": True}]
    file.write_text("\n\n".join(json.dumps(row, ensure_ascii=False) for row in rows) + "\n", encoding="utf-8")
    assert list(read_statements(file)) == [Statement(1, rows[0]["sql"]), Statement("b", "SELECT 2")]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("line", "fault"),
    [(b"SELECT 1", "is not JSON"), (b"\xff", "is not JSON"), (b"[]", "is not an object"), (b'{"id": 1}', "is not an")],
)
def test_a_wrong_line_is_named(tmp_path: Path, line: bytes, fault: str) -> None:
    file = tmp_path / "statements.jsonl"
    file.write_bytes(b'{"id": 1, "sql": "SELECT 1"}\n' + line + b"\n")
    with pytest.raises(CommandError, match=f"^Line 2 of .* {fault}"):
        list(read_statements(file))


def test_a_verdict_is_told_with_codes_and_sentences() -> None:
    verdict = Verdict(
        sql="SELECT 1 FROM hr.a",
        decision="deny",
        reasons=(Notice("deny.table", {"table": "p.hr.a"}),),
        tables=(TableName("p", "hr", "a"),),
        statement_type="SELECT",
    )
    assert verdict_json(verdict, 1.2345) == {
        "decision": "deny",
        "reasons": ["deny.table: p.hr.a is outside of what I may read here."],
        "tables": ["p.hr.a"],
        "statement_type": "SELECT",
        "ms": 1.23,
    }
